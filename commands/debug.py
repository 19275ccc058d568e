"""`run.py debug SYMBOL`: everything about one symbol, from the running program."""

import io
import json
import sys
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console

from actors.messages import SymbolView
from commands.screen import symbol_screen
from control.client import ask
from control.json_values import from_json
from errors import InputError, UnavailableError
from logs import start_logging
from redaction import one_line
from settings.loader import load


def debug(symbol: str, config: Path, *, as_json: bool) -> int:
    """Print the symbol's screen, or exactly the JSON that the program gave.

    Raises: InputError with the nearest names when it is not watched, UnavailableError when no program is running.
    """
    start_logging("WARNING", None)
    text = _ask(symbol, load(config).state_directory)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal can write ✓ and ₹
    if as_json:
        print(text)
        return 0
    try:
        view = from_json(SymbolView, json.loads(text))
    except (TypeError, ValueError) as error:
        raise UnavailableError(f"another version of this program is running; restart it ({error})") from error
    Console(highlight=False, markup=False, emoji=False).print(symbol_screen(view))
    return 0


def _ask(symbol: str, directory: Path) -> str:
    reply = ask(directory, "/debug?" + urlencode({"symbol": symbol}))
    if reply.status == HTTPStatus.NOT_FOUND:
        names = ", ".join(json.loads(reply.text).get("nearest", []))
        hint = f"; did you mean {names}?" if names else ""
        raise InputError(f"{one_line(symbol)} is not watched{hint}")
    if reply.status != HTTPStatus.OK:
        raise UnavailableError(reply.error)
    return reply.text
