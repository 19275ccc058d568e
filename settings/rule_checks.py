"""Whether the rules of the chosen strategies can be read, each with the parameters it will have."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from nearest import did_you_mean
from rules.errors import RuleError
from rules.functions import functions
from rules.levels import level_rule
from rules.parser import parse_condition, parse_number
from rules.words import SIGNAL_PRICES, is_taken
from settings.fault import Fault, fault_lines
from settings.positions import KeyPath
from settings.strategy_files import Chosen

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)

Table: TypeAlias = dict[str, Any]
Parse: TypeAlias = Callable[[str, Mapping[str, Any]], object]


def rule_faults(chosen: Sequence[Chosen]) -> Iterator[Fault]:
    """Every rule that cannot be read; one of a file is told at the name that chose it."""
    for index, one in enumerate(chosen):
        path: KeyPath = ("strategy", index)
        if one.faults:
            yield Fault((*path, "name"), "\n".join(one.faults))
        elif isinstance(one.table, dict):
            yield from _misnamed(one, path)
            yield from _faults(one, path)
            yield from _unused(one, path)
            yield from _never(one, path)


def _faults(one: Chosen, path: KeyPath) -> Iterator[Fault]:
    for place, text, parse in _rules(one.table):
        error = _first_error(text, parse, one.table)
        if error is None:
            continue
        if one.file is None or _has(one.given, place):
            yield Fault((*path, *place), error.problem, error)
        else:
            yield Fault((*path, "name"), fault_lines(one.file, [Fault(place, error.problem, error)], one.text)[0])


def _misnamed(one: Chosen, path: KeyPath) -> Iterator[Fault]:
    """Parameters whose names would hide what the rules themselves mean by them, or that no rule could write."""
    if not _has_rules(one):
        return  # a strategy in Python has its own names
    overrides = one.table.get("override", ())
    places: list[tuple[KeyPath, Any]] = [(("parameters",), one.table)]
    if isinstance(overrides, tuple):
        places += [(("override", index, "parameters"), table) for index, table in enumerate(overrides)]
    for place, table in places:
        for name in _table(table, "parameters"):
            if is_taken(name, functions()) or name in SIGNAL_PRICES:
                problem = f"{name} means something else in rules; give this parameter another name, such as my_{name}"
            elif not _NAME.fullmatch(name):
                problem = "rules cannot write this name; use letters, digits and _ behind a letter"
            else:
                continue
            if one.file is None or _has(one.given, (*place, name)):
                yield Fault((*path, *place, name), problem)
            else:
                yield Fault((*path, "name"), fault_lines(one.file, [Fault((*place, name), problem)], one.text)[0])


def _unused(one: Chosen, path: KeyPath) -> Iterator[Fault]:
    """Parameters of config.toml that no rule reads: most likely one of another name is meant."""
    texts = [text for _, text, _ in _rules(one.table) if isinstance(text, str)]
    if not _has_rules(one):
        return  # a strategy in Python knows its own
    used = set(re.findall(r"\w+", " ".join(texts)))
    overrides = one.given.get("override", ())
    tables = [(path, one.given)]
    if isinstance(overrides, tuple):
        tables += [((*path, "override", index), table) for index, table in enumerate(overrides)]
    for place, table in tables:
        for name in _table(table, "parameters"):
            if name not in used and _NAME.fullmatch(name) and not is_taken(name, functions()):
                near = did_you_mean(name, [*_table(one.table, "parameters").keys() & used])
                yield Fault((*place, "parameters", name), f"no rule uses this parameter{near}")


def _never(one: Chosen, path: KeyPath) -> Iterator[Fault]:
    """A strategy of rules that has none for any direction it may take."""
    sides = {side for side in ("long", "short") if _table(one.table, side).get("entry")}
    directions = one.table.get("directions", ("LONG", "SHORT"))
    if one.file is not None and not sides:
        yield Fault((*path, "name"), f"{one.file} has no entry: write one below [long] or [short]")
    elif (
        sides
        and isinstance(directions, tuple)
        and directions
        and not sides & {str(each).lower() for each in directions}
    ):
        yield Fault((*path, "directions"), f"none of these has an entry; {' and '.join(sorted(sides))} has")


def _rules(table: Table) -> Iterator[tuple[KeyPath, Any, Parse]]:
    """Every rule of a strategy: where it stands, its text, and what it must be."""
    for side in ("long", "short"):
        inside = _table(table, side)
        for key in ("entry", "exit"):
            texts = inside.get(key)
            for index, text in enumerate(texts if isinstance(texts, tuple) else ()):
                yield (side, key, index), text, parse_condition
    for below, inside in (((), table), (("long",), _table(table, "long")), (("short",), _table(table, "short"))):
        yield from (((*below, key), inside.get(key), _parse_level) for key in ("target", "stop"))
        yield (*below, "score"), inside.get("score"), parse_number
    for name, text in _table(table, "report").items():
        yield ("report", name), text, _parse_shown


def _first_error(text: Any, parse: Parse, table: Table) -> RuleError | None:
    if not isinstance(text, str) or not text:
        return None  # the schema tells
    if not isinstance(table.get("parameters", {}), dict):
        return None  # as above
    overrides = table.get("override", ())
    for other in ({}, *(overrides if isinstance(overrides, tuple) else ())):
        parameters = _table(table, "parameters") | _table(other, "parameters")
        if not all(isinstance(value, (int, float, str, tuple)) for value in parameters.values()):
            return None  # as above
        try:
            parse(text, parameters)
        except RuleError as error:
            return error
    return None


def _parse_level(text: str, parameters: Mapping[str, Any]) -> object:
    try:
        level = level_rule(text)
    except ValueError:
        return None  # the schema tells
    return parse_number(level[0], parameters) if level else None


def _parse_shown(text: str, parameters: Mapping[str, Any]) -> object:
    return parse_number(text, parameters, SIGNAL_PRICES)


def _has_rules(one: Chosen) -> bool:
    return any(_table(one.table, side).get("entry") for side in ("long", "short"))


def _table(table: Any, name: str) -> Table:
    found = table.get(name) if isinstance(table, dict) else None
    return found if isinstance(found, dict) else {}


def _has(table: Any, path: KeyPath) -> bool:
    for part in path:
        if isinstance(table, dict) and part in table:
            table = table[part]
        elif not (isinstance(table, tuple) and isinstance(part, int) and part < len(table)):
            return False
        else:
            table = table[part]
    return True
