"""An answer of the running program: asked for, printed as JSON or as a screen."""

import io
import json
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from rich.console import Console, RenderableType

from control.client import ask
from control.json_values import from_json
from errors import InputError, UnavailableError
from logs import start_logging
from redaction import one_line
from settings.loader import load

T = TypeVar("T")


def answer(config: Path, target: str, query: dict[str, str], refused: str) -> str:
    """The JSON text that the program of these settings answers to `/debug` and the like.

    Raises: InputError with `refused` and the nearest names when it does not know what is asked about,
    UnavailableError when no program is running.
    """
    start_logging("WARNING", None)
    reply = ask(load(config).state_directory, f"{target}?{urlencode(query)}")
    if reply.status == HTTPStatus.NOT_FOUND:
        names = ", ".join(json.loads(reply.text).get("nearest", []))
        hint = f"; did you mean {names}?" if names else ""
        raise InputError(f"{one_line(refused)}{hint}")
    if reply.status == HTTPStatus.BAD_REQUEST:
        raise InputError(reply.error)
    if reply.status != HTTPStatus.OK:
        raise UnavailableError(reply.error)
    return reply.text


def print_answer(text: str, kind: type[T], screen: Callable[[T], RenderableType], *, as_json: bool) -> None:
    """Exactly the JSON that came, or its screen. Raises: UnavailableError when it is another version's."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal can write ✓ and ₹
    if as_json:
        print(text)
        return
    try:
        view = from_json(kind, json.loads(text))
    except (TypeError, ValueError) as error:
        raise UnavailableError(f"another version of this program is running; restart it ({error})") from error
    Console(highlight=False, markup=False, emoji=False).print(screen(view))
