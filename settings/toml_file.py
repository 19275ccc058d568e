"""Reads a TOML file, or tells in which line it is none."""

from pathlib import Path
from typing import Any

import tomli

from errors import SettingsError


def read_toml(file: Path) -> tuple[str, dict[str, Any]]:
    """The text of a file and its data, with tuples for lists. Raises: SettingsError."""
    text = _text_of(file)
    try:
        return text, _with_tuples(tomli.loads(text))
    except tomli.TOMLDecodeError as error:
        raise SettingsError([f"{file}:{error.lineno}:{error.colno}: {_explained(error.msg)}"]) from error
    except RecursionError as error:
        raise SettingsError([f"{file}: tables or lists are nested too deeply"]) from error


def _text_of(file: Path) -> str:
    try:
        # A byte order mark is what Windows' Notepad puts in front.
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise SettingsError([f"{file}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError([f"{file}:{line}: not a text in UTF-8"]) from error


def _explained(message: str) -> str:
    """The parser's message with what a beginner most likely has to do."""
    if message == "Invalid value":
        return "not valid TOML: a value was expected; texts stand in quotes"
    if message.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine")):
        return "not valid TOML: this key or table is there twice"
    return f"not valid TOML: {message[:1].lower()}{message[1:]}"


def _with_tuples(value: Any) -> Any:
    """The same data with tuples for lists, as the strict schema wants them."""
    if isinstance(value, dict):
        return {key: _with_tuples(inner) for key, inner in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value
