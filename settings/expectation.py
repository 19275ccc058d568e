"""What the schema expects at a place of config.toml, and what stands there instead, in a trader's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from inspect import isclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, GroupedMetadata, Gt, Le, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from settings.positions import KeyPath

_PLAIN = {str: "text in quotes", bool: "true or false", Path: "a path in quotes"}
_NUMBERS = {int: "a whole number", float: "a number"}
_SHOWN_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Expectation:
    """One place of the schema: a type with its limits."""

    annotation: Any
    limits: tuple[Any, ...] = ()
    description: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a table; empty where there is none or where its keys are free."""
        return tuple(self.annotation.model_fields) if self.is_table else ()

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts it is limited to; empty where it is not."""
        return get_args(self.annotation) if get_origin(self.annotation) is Literal else ()

    @property
    def is_repeated_table(self) -> bool:
        """Whether it is a list of tables, each with a `[[header]]`."""
        inside = self.inside(0)
        return inside is not None and inside.is_table and not self.is_table

    @property
    def is_table(self) -> bool:
        """Whether it is a table of fixed keys."""
        return isclass(self.annotation) and issubclass(self.annotation, BaseModel)

    def inside(self, part: str | int) -> "Expectation | None":
        """What is expected one step further in: a key of a table, an item of a list; None for an unknown key."""
        if self.is_table:
            field = self.annotation.model_fields.get(part)
            return field and _unwrapped(field.annotation, _limits(field.metadata), field.description)
        inner = get_args(self.annotation)
        if get_origin(self.annotation) is tuple and isinstance(part, int):
            return _unwrapped(inner[0])
        if get_origin(self.annotation) is dict:
            return _unwrapped(inner[1])
        return None

    def words(self, name: str) -> str:
        """`a whole number from 0 to 30000`; `name` is the key, for the header of a table."""
        if self.description:
            return self.description
        if self.is_repeated_table:
            return f"tables, each headed [[{name}]]"
        if self.is_table or get_origin(self.annotation) is dict:
            return f"a table headed [{name}]"
        if get_origin(self.annotation) is tuple:
            count = "a list of one or more" if any(isinstance(limit, MinLen) for limit in self.limits) else "a list"
            return f"{count}, each item {_unwrapped(get_args(self.annotation)[0]).words(name)}"
        return _plain_words(self.annotation, self.limits)


def expectation_at(path: KeyPath, schema: type[BaseModel]) -> Expectation | None:
    """What the schema expects at a key path; None where it knows no such key."""
    place: Expectation | None = Expectation(schema)
    for part in path:
        if place is None:
            return None
        place = place.inside(part)
    return place


def shown(value: object) -> str:
    """A value as it may stand in a fault: short, and as it would be written in TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if len(value) <= _SHOWN_LENGTH else f'"{value[:_SHOWN_LENGTH]}..."'
        case int() | float():
            return str(value)[:_SHOWN_LENGTH]
        case dict():
            return "a table"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case _:
            return "a date or time"


def _unwrapped(annotation: Any, limits: tuple[Any, ...] = (), description: str | None = None) -> Expectation:
    """The bare type under `Annotated[...]` and `... | None`, with what they say about it."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *notes = get_args(annotation)
            for note in notes:
                if isinstance(note, FieldInfo):
                    limits += _limits(note.metadata)
                    description = description or note.description
                else:
                    limits += _limits([note])
        elif get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation):
            (annotation,) = (kind for kind in get_args(annotation) if kind is not NoneType)
        else:
            return Expectation(annotation, limits, description)


def _limits(notes: Iterable[Any]) -> tuple[Any, ...]:
    """The single limits of which some notes may be groups."""
    return tuple(limit for note in notes for limit in (note if isinstance(note, GroupedMetadata) else (note,)))


def _plain_words(annotation: Any, limits: tuple[Any, ...]) -> str:
    if get_origin(annotation) is Literal:
        *others, last = (shown(value) for value in get_args(annotation))
        return f"{', '.join(others)} or {last}" if others else last
    if annotation in _NUMBERS:
        return _NUMBERS[annotation] + _range(limits)
    return _PLAIN[annotation] if annotation in _PLAIN else str(getattr(annotation, "__name__", annotation))


def _range(limits: tuple[Any, ...]) -> str:
    lowest = next((limit.ge for limit in limits if isinstance(limit, Ge)), None)
    above = next((limit.gt for limit in limits if isinstance(limit, Gt)), None)
    highest = next((limit.le for limit in limits if isinstance(limit, Le)), None)
    if lowest is not None and highest is not None:
        return f" from {lowest} to {highest}"
    return "".join(
        (
            f" of {lowest} or more" if lowest is not None else "",
            f" above {above}" if above is not None else "",
            f" up to {highest}" if highest is not None else "",
        )
    )
