"""What a rule may call: its name, what it takes and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from indicators.indicator import Indicator


class Takes(Enum):
    """What a parameter is."""

    SERIES = "a number or an expression"
    WHOLE = "a whole number"
    NUMBER = "a number"
    TEXT = "text in quotes"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as a rule writes it."""

    name: str
    takes: Takes
    default: float | int | str | None = None
    """None: it must be written. A source's default is the name of a field."""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    """What a text may be; empty for anything."""


@dataclass(frozen=True, slots=True)
class Function:
    """One indicator as rules know it."""

    name: str
    make: type[Indicator]
    takes_chart: bool
    """Whether its constructor's first parameter is the chart."""
    parameters: tuple[Parameter, ...]
    """In the order of the constructor, without the chart."""

    @property
    def summary(self) -> str:
        """Its docstring's first line."""
        return (self.make.__doc__ or "").strip().partition("\n")[0]

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self.name == other.name


Functions = Mapping[str, Function]
"""By name and alias."""
