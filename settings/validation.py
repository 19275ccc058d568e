"""Checks data against a pydantic schema, all faults at once, worded for a trader instead of a programmer."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from nearest import did_you_mean
from settings.expectation import Expectation, expectation_at, shown
from settings.fault import Fault
from settings.positions import KeyPath

Model = TypeVar("Model", bound=BaseModel)


def validated(data: dict[str, Any], schema: type[Model], below: KeyPath = ()) -> tuple[Model | None, list[Fault]]:
    """The model, or None and every fault; `below` is where `data` stands in the file."""
    try:
        return schema.model_validate(data), []
    except ValidationError as error:
        # A type with alternatives gives one error for each of them at the same place.
        found: dict[KeyPath, Fault] = {}
        for detail in error.errors(include_url=False, include_context=False):
            path = _written(detail["loc"], data, missing=detail["type"] == "missing")
            found.setdefault(path, Fault(below + path, _text(path, data, schema)))
        return None, list(found.values())


def _written(location: KeyPath, data: Any, *, missing: bool) -> KeyPath:
    """The part of pydantic's location that stands in the data; the rest names alternatives of a type."""
    path: KeyPath = ()
    for part in location:
        if not _has(data, part):
            return (*path, part) if missing else path
        data = data[part]
        path = (*path, part)
    return path


def _has(data: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(data, tuple) and part < len(data)
    return isinstance(data, dict) and part in data


def _text(path: KeyPath, data: Any, schema: type[BaseModel]) -> str:
    *outer, name = path
    header = ".".join(part for part in path if isinstance(part, str))
    expected = expectation_at(path, schema)
    if expected is None:
        around = expectation_at(tuple(outer), schema)
        assert around is not None, "pydantic reports an unknown key in a known table"
        return _unknown_key(str(name), around, header.rpartition(".")[0], schema)
    for part in path:
        if not _has(data, part):
            return f"this key is required: {expected.words(header)}"
        data = data[part]
    key = next(part for part in reversed(path) if isinstance(part, str))
    if key.endswith("_env"):  # a token put where its variable's name belongs must not be shown
        return f"expected {expected.words(key)}"
    near = did_you_mean(data, expected.choices) if isinstance(data, str) else ""
    return f"expected {expected.words(header)}, got {shown(data)}{near}"


def _unknown_key(key: str, table: Expectation, header: str, schema: type[BaseModel]) -> str:
    near = did_you_mean(key, table.keys)
    if near:
        return f"unknown key{near}"
    homes = [*_homes(key, table, f"{header}." if header else ""), *_homes(key, Expectation(schema), "")]
    if homes:
        return f"unknown key here; it belongs in {' or '.join(dict.fromkeys(homes))}"
    return f"unknown key; known here: {', '.join(table.keys) or 'none'}"


def _homes(key: str, around: Expectation, above: str) -> Iterator[str]:
    """The headers of the tables right below one that have such a key; `above` is what stands before their names."""
    for name in around.keys:
        inside = around.inside(name)
        assert inside is not None
        repeated = inside.inside(0) if inside.is_repeated_table else None
        if key in (repeated or inside).keys:
            yield f"[[{above}{name}]]" if repeated else f"[{above}{name}]"
