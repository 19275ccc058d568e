"""Reads config.toml: into settings, or into every fault at once."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from errors import SettingsError
from settings.consistency import inconsistencies
from settings.fault import Fault, fault_lines
from settings.positions import KeyPath
from settings.rule_checks import rule_faults
from settings.schema import Settings
from settings.strategy_files import chosen_strategies, with_strategies
from settings.toml_file import read_toml
from settings.validation import validated

Model = TypeVar("Model", bound=BaseModel)


def load(file: Path) -> Settings:
    """The settings of a file; its relative paths are taken from its own folder.

    Raises: SettingsError with a line for each fault, in the order of the file.
    """
    text, data = read_toml(file)
    folder = file.resolve().parent
    chosen = chosen_strategies(data)
    settings, faults = validated(with_strategies(data, chosen), Settings)
    # One fault for each place: the schema's are dropped where others know better, above all that it is a secret.
    first: dict[KeyPath, Fault] = {}
    for fault in (*inconsistencies(data, folder), *rule_faults(chosen)):
        first.setdefault(fault.path, fault)
    for fault in faults:
        if not any(path[: len(fault.path)] == fault.path for path in first):
            first[fault.path] = fault
    if settings is None or first:
        raise SettingsError(fault_lines(file, first.values(), text))
    return _from_folder(settings, folder)


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
