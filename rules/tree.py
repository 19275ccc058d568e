"""What a rule means: a checked tree, the same for every symbol.

Each node is a number or a condition. `str(node)` is the rule as a trader would write it, with parameters filled in; two
nodes of the same text are the same computation, so that text is what a chart knows a series by.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from rules.function import Function


class Operator(StrEnum):
    """An operator between two numbers, as it is written."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    EQUAL = "=="
    DIFFERENT = "!="
    CROSSES_ABOVE = "crosses above"
    CROSSES_BELOW = "crosses below"


COMPARISONS = frozenset(list(Operator)[4:])
"""Those that make a condition of two numbers."""


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float
    text: str = field(default="", compare=False)
    """As it was written, where that says more than the value: `09:20`."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A condition that a rule's constants settle for good: `true`, `roc_min == 0`."""

    holds: bool


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A number of the bar at hand, one of `indicators.fields.FIELDS`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """An indicator or another function."""

    function: Function
    sources: tuple["Node", ...]
    """Its `Series` parameters, in order, defaults filled in."""
    constants: tuple[float | int | str, ...]
    """Its other parameters, in order, defaults filled in."""
    output: str = ""
    """One of the function's `outputs`; empty for its main number."""


@dataclass(frozen=True, slots=True)
class Binary:
    """Two numbers and an operator between them: a number, or a condition for one of `COMPARISONS`."""

    operator: Operator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Percent:
    """A number moved by a percentage of itself: `ema(21) + 0.2%`."""

    source: "Node"
    percent: float
    """With its sign."""


@dataclass(frozen=True, slots=True)
class Between:
    """Whether a number lies between two others, both included."""

    source: "Node"
    low: "Node"
    high: "Node"


@dataclass(frozen=True, slots=True)
class Negative:
    """`-x`."""

    source: "Node"


@dataclass(frozen=True, slots=True)
class Absolute:
    """`abs(x)`."""

    source: "Node"


@dataclass(frozen=True, slots=True)
class Least:
    """The smallest of some numbers: `min(a, b)`; not known while one of them is not."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Greatest:
    """The largest of some numbers: `max(a, b)`; not known while one of them is not."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition; not known where that is not."""

    source: "Node"


@dataclass(frozen=True, slots=True)
class Every:
    """`a and b and c`."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`a or b or c`."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many of some conditions hold: `count(a, b, c) >= 2`."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Ago:
    """A number or condition as it was some bars ago: `close[1]`."""

    source: "Node"
    bars: int


@dataclass(frozen=True, slots=True)
class Within:
    """Whether a condition held on at least one of the last bars, this one included: `... within 3 bars`."""

    source: "Node"
    bars: int


@dataclass(frozen=True, slots=True)
class Throughout:
    """Whether a condition held on each of the last bars, this one included: `... for 3 bars`."""

    source: "Node"
    bars: int


@dataclass(frozen=True, slots=True)
class InSession:
    """Whether the bar lies within a span of the exchange's day: `in session 09:20-15:00`."""

    first_minute: int
    """Minutes since midnight."""
    last_minute: int
    """The bar ends at or before it."""


@dataclass(frozen=True, slots=True)
class On:
    """A number or condition of another timeframe, on its last closed bar: `ema(9) on 5m`."""

    source: "Node"
    minutes: int


@dataclass(frozen=True, slots=True)
class Of:
    """A number or condition of another symbol at the same time: `close of "NSE:NIFTY 50"`."""

    source: "Node"
    symbol: str


Node: TypeAlias = (
    Number | Constant | FieldOf | Call | Binary | Percent | Between | Negative | Absolute | Least | Greatest | Not
    | Every | AnyOf | Count | Ago | Within | Throughout | InSession | On | Of
)  # fmt: skip
