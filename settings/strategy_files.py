"""Strategy files: what a `[[strategy]]` of config.toml starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import SettingsError
from settings.fault import fault_lines
from settings.strategy_schema import StrategySettings
from settings.toml_file import read_toml
from settings.validation import validated

FOLDER = Path(__file__).resolve().parent.parent / "strategies"
JOINED = ("long", "short", "parameters", "report")
"""Tables of which config.toml changes single keys."""

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One `[[strategy]]`, with its file's keys filled in."""

    table: Any
    """What is to be checked; as it stands in config.toml where that is no table or its file is faulty."""
    given: Table
    """What stands in config.toml alone."""
    file: Path | None = None
    """Of rules; None for a strategy in Python, or one that stands whole in config.toml."""
    text: str = ""
    """The file's."""
    faults: tuple[str, ...] = ()
    """The file's own, with their lines."""


def file_names() -> list[str]:
    """The strategies that are files of rules, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def shipped(name: str) -> StrategySettings:
    """A strategy as its file has it. Raises: SettingsError."""
    chosen = _chosen({"name": name})
    if chosen.faults:
        raise SettingsError(list(chosen.faults))
    return StrategySettings.model_validate(chosen.table)


def chosen_strategies(data: Table) -> list[Chosen]:
    """The strategies of config.toml; the default one when it names none."""
    tables = data.get("strategy", ({"name": "ema_vwap"},))
    return [_chosen(table) for table in tables] if isinstance(tables, tuple) else []


def with_strategies(data: Table, chosen: Sequence[Chosen]) -> Table:
    """The data of config.toml with the strategies as they were chosen."""
    return data | {"strategy": tuple(one.table for one in chosen)} if chosen else data


def _chosen(given: Any) -> Chosen:
    name = given.get("name") if isinstance(given, dict) else None
    file = FOLDER / f"{name}.toml"
    if not isinstance(name, str) or name not in file_names():
        return Chosen(given, given if isinstance(given, dict) else {})
    try:
        text, table = read_toml(file)
    except SettingsError as error:
        return Chosen(given, given, file, faults=tuple(error.faults))
    faults = validated({"name": name} | table, StrategySettings)[1]
    if faults:
        return Chosen(given, given, file, text, tuple(fault_lines(file, faults, text)))
    return Chosen(_joined({"name": name} | table, given), given, file, text)


def _joined(table: Table, given: Table) -> Table:
    """`table` with the keys of `given` in place of its own, and in `JOINED` only theirs."""
    inside = {
        key: table.get(key, {}) | given[key]
        for key in JOINED
        if isinstance(given.get(key), dict) and isinstance(table.get(key, {}), dict)
    }
    return table | given | inside
