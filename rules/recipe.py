"""A rule, compiled once: the steps that make its series on the charts of any symbol.

A step names one computation of one timeframe by its text, so whatever several rules have in common that must see every
bar is computed once. What needs nothing but the bar at hand is worked out by each rule when it is asked, and only then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from indicators.chart import Chart
from indicators.charts import Charts
from indicators.series import Series
from rules.operators import arithmetic
from rules.outline import Outline
from rules.references import References

Make: TypeAlias = Callable[[Chart, Sequence[Series], References], Series]


@dataclass(frozen=True, slots=True)
class Step:
    """One series of one timeframe."""

    key: str
    minutes: int
    inputs: tuple[int, ...]
    """Positions of the steps it reads."""
    make: Make
    reaches_back: int = 0
    """Bars it looks back on, besides what an indicator says of itself."""
    remembers: bool = False
    """It must see every bar."""
    constant: float | None = None
    """Set for a number that never changes."""
    name: str = ""
    """Set for a number that is given when the rule is bound."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule on the charts of one symbol."""

    series: Series
    minutes: int
    """Minutes of trading on earlier days after which it no longer shows where its history began."""
    told: tuple[Series, ...] = ()
    """The series that it is explained with."""
    late: tuple[Series, ...] = ()
    """Series that no chart updates: worked out, in this order, when the rule is asked."""
    reads: tuple[Series, ...] = ()
    """Series of charts that it reads, once it is asked."""

    def now(self) -> float:
        """What it is on the bar at hand."""
        for series in self.late:
            series.update()
        return self.series.value

    @property
    def is_certain(self) -> bool:
        """Whether it is known wherever all that it reads is."""
        return all(series.is_certain for series in self.late)

    @property
    def is_strict(self) -> bool:
        """Whether it is not known wherever one of those that it reads is not."""
        return all(series.is_strict for series in self.late)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A compiled rule; its last step is the rule itself."""

    steps: tuple[Step, ...]
    elsewhere: tuple["Elsewhere", ...]
    """What it reads of other symbols."""
    needs_volume: bool
    """It says nothing on a bar whose volume is incomplete."""
    outline: Outline
    """What it is made of, for people."""
    told: tuple[int, ...]
    """Positions of the steps that its outline speaks of."""
    each_bar: frozenset[int]
    """Positions of the steps that must be worked out on each bar, asked or not: what remembers, and what that reads."""

    def reads(self, field: str) -> bool:
        """Whether it reads a field of its own symbol's bars, or of another's."""
        return any(step.name == field for step in self.steps) or any(one.recipe.reads(field) for one in self.elsewhere)

    def bind(self, charts: Charts, references: References, given: Mapping[str, Series] | None = None) -> Bound:
        """Its series on a symbol's charts, made now or there already.

        With `given`, the numbers that no chart knows, the rule is one that is asked: what need not see every bar is
        worked out only then. Without it, the charts keep its series up to date.
        """
        made: list[Series] = []
        minutes: list[int] = []
        late: dict[int, Series] = {}
        for position, step in enumerate(self.steps):
            inputs = [made[each] for each in step.inputs]
            deepest = max((minutes[each] for each in step.inputs), default=0)
            chart = charts.of(step.minutes)
            if step.constant is not None:
                series: Series = _constant(step.constant)
            elif given is None or position in self.each_bar:
                series = chart.series(step.key, lambda: step.make(chart, inputs, references))  # noqa: B023 - called at once
            else:
                series = late[position] = given.get(step.name) or step.make(chart, inputs, references)
            bars = step.reaches_back + series.settles_after
            made.append(series)
            minutes.append(bars * step.minutes + deepest)
        read = {each: None for position in late for each in self.steps[position].inputs if each not in late}
        reads = [made[each] for each in read] if late else made[-1:]
        told = tuple(made[each] for each in self.told)
        return Bound(made[-1], minutes[-1], told, tuple(late.values()), tuple(reads))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A series of another symbol."""

    symbol: str
    minutes: int
    key: str
    recipe: Recipe


@cache
def _constant(value: float) -> Series:
    """One for all symbols: it never changes."""
    return arithmetic.Constant(value)
