"""Dataclasses to plain JSON values and back; JSON has no nan, so nan and infinities travel as null."""

from dataclasses import fields, is_dataclass
from enum import Enum
from math import isfinite, nan
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: object) -> object:
    """A dataclass by its fields, a mapping, a sequence or a plain value."""
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


def from_json(kind: type[T], value: object) -> T:
    """The dataclass that `to_json` gave; null for a float that may not be missing is nan, unknown fields are left out.

    Raises: TypeError or ValueError when the value is not of that kind.
    """
    read: T = _read(kind, value)
    return read


def _read(kind: Any, value: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        (present,) = (choice for choice in inner if choice is not type(None))
        return None if value is None else _read(present, value)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_read(each, item) for each, item in zip(kinds, value, strict=True))
    if origin is dict:
        return {_read(inner[0], key): _read(inner[1], item) for key, item in value.items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _read(hint, value[name]) for name, hint in hints.items() if name in value})  # type: ignore[operator]
    return _plain(kind, value)


def _plain(kind: Any, value: Any) -> Any:
    if kind is float:
        return nan if value is None else float(value)
    if issubclass(kind, Enum):
        return kind(value)
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected, got {value!r:.50}")
    return value
