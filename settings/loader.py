"""Reads config.toml: into settings, or into every fault at once."""

from pathlib import Path
from typing import Any, TypeVar

import tomli
from pydantic import BaseModel

from errors import SettingsError
from settings.consistency import inconsistencies
from settings.fault import Fault, fault_lines
from settings.positions import KeyPath, key_lines
from settings.schema import Settings
from settings.validation import validated

Model = TypeVar("Model", bound=BaseModel)


def load(file: Path) -> Settings:
    """The settings of a file; its relative paths are taken from its own folder.

    Raises: SettingsError with a line for each fault, in the order of the file.
    """
    text = _read(file)
    try:
        data = _with_tuples(tomli.loads(text))
    except tomli.TOMLDecodeError as error:
        raise SettingsError([f"{file}:{error.lineno}:{error.colno}: {_explained(error.msg)}"]) from error
    except RecursionError as error:
        raise SettingsError([f"{file}: tables or lists are nested too deeply"]) from error
    folder = file.resolve().parent
    settings, faults = validated(data, Settings)
    # One fault for each place: the schema's are dropped where others know better, above all that it is a secret.
    first: dict[KeyPath, Fault] = {}
    for fault in inconsistencies(data, folder):
        first.setdefault(fault.path, fault)
    for fault in faults:
        if not any(path[: len(fault.path)] == fault.path for path in first):
            first[fault.path] = fault
    if settings is None or first:
        raise SettingsError(fault_lines(file, first.values(), key_lines(text)))
    return _from_folder(settings, folder)


def _read(file: Path) -> str:
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


def _from_folder(settings: Settings, folder: Path) -> Settings:
    resolved: Settings = _resolved(settings, folder)
    dhan = resolved.dhan
    if "://" in dhan.instruments:
        return resolved
    # The one text that may be a path.
    dhan = dhan.model_copy(update={"instruments": str(folder / Path(dhan.instruments).expanduser())})
    return resolved.model_copy(update={"dhan": dhan})


def _resolved(value: Any, folder: Path) -> Any:
    if isinstance(value, Path):
        return folder / value
    if isinstance(value, tuple):
        return tuple(_resolved(item, folder) for item in value)
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _resolved(inner, folder) for name, inner in value})
    return value
