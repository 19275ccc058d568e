"""A rule, compiled once: the steps that make its series on the charts of any symbol.

A step names one computation of one timeframe by its text, so whatever several rules have in common is computed once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from indicators.chart import Chart
from indicators.charts import Charts
from indicators.fields import PLAIN, BarBefore
from indicators.series import Series
from rules import tree
from rules.function import Takes
from rules.operators import arithmetic, comparison, elsewhere
from rules.operators.table import BINARY, OF_ONE, OF_SEVERAL, OF_THE_PAST
from rules.outline import Outline, outlined
from rules.references import References
from rules.text import text

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
                series: Series = arithmetic.Constant(step.constant)
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


def compiled(node: tree.Node, minutes: int) -> Recipe:
    """A checked rule as steps on bars of `minutes`."""
    writer = _Writer()
    writer.write(node, minutes)
    told: list[int] = []

    def place(part: tree.Node, of_minutes: int) -> int:
        position = writer.write(part, of_minutes)  # which it has done before
        if position not in told:
            told.append(position)
        return told.index(position)

    outline = outlined(node, minutes, place)
    steps, each_bar = tuple(writer.steps), set[int]()
    for position in reversed(range(len(steps))):
        step = steps[position]
        if step.remembers or step.minutes != minutes:  # another timeframe's is asked when that has no bar at hand
            each_bar.add(position)
        if position in each_bar:
            each_bar.update(step.inputs)
    return Recipe(steps, tuple(writer.elsewhere), writer.needs_volume, outline, tuple(told), frozenset(each_bar))


class _Writer:
    """Writes the steps of a tree, inputs first, each once."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.elsewhere: list[Elsewhere] = []
        self.needs_volume = False
        self._positions: dict[tuple[int, str], int] = {}

    def write(self, node: tree.Node, minutes: int) -> int:
        """The position of the step that computes a node on bars of `minutes`."""
        key = text(node)
        position = self._positions.get((minutes, key))
        if position is None:
            step = self._step(node, key, minutes)
            position = self._positions[minutes, key] = len(self.steps)
            self.steps.append(step)
        return position

    def _step(self, node: tree.Node, key: str, minutes: int) -> Step:  # noqa: C901, PLR0911, PLR0912 - one case a kind
        match node:
            case tree.Number(value=value):
                return Step(key, minutes, (), _never, constant=value)
            case tree.Constant(holds=holds):
                return Step(key, minutes, (), _never, constant=float(holds))
            case tree.FieldOf(name=name):
                self.needs_volume |= name in {"volume", "atp"}
                return Step(key, minutes, (), lambda chart, *_: chart.field(name), name=name)
            case tree.Call():
                return self._call(node, key, minutes)
            case tree.Binary(operator=operator):
                by_constant = (
                    operator is tree.Operator.DIVIDE and isinstance(node.right, tree.Number) and node.right.value
                )
                make = arithmetic.Share if by_constant else BINARY[operator]
                return self._of(
                    key, minutes, (node.left, node.right), lambda _, two, __: make(*two), remembers=make.remembers
                )
            case tree.Between():
                parts = (node.source, node.low, node.high)
                return self._of(key, minutes, parts, lambda _, three, __: comparison.Between(*three))
            case tree.Percent(percent=percent):
                return self._of(key, minutes, (node.source,), lambda _, one, __: arithmetic.Moved(one[0], percent))
            case tree.Negative() | tree.Absolute() | tree.Not():
                return self._of(key, minutes, (node.source,), lambda _, one, __: OF_ONE[type(node)](one[0]))
            case tree.Every() | tree.AnyOf() | tree.Count() | tree.Least() | tree.Greatest():
                return self._of(key, minutes, node.parts, lambda _, parts, __: OF_SEVERAL[type(node)](parts))
            case tree.Ago(source=tree.FieldOf(name=name), bars=1) if name in PLAIN:
                self.needs_volume |= name == "volume"
                return Step(key, minutes, (), lambda chart, *_: BarBefore(chart, name), reaches_back=1)
            case tree.Ago(bars=bars) | tree.Within(bars=bars) | tree.Throughout(bars=bars):
                before = OF_THE_PAST[type(node)]
                return self._of(
                    key, minutes, (node.source,), lambda _, one, __: before(one[0], bars), bars, remembers=True
                )
            case tree.InSession(first_minute=first, last_minute=last):
                return self._of(key, minutes, (), lambda chart, *_: elsewhere.InSession(chart, first, last))
            case tree.On():
                source = self.write(node.source, node.minutes)
                return Step(key, minutes, (source,), lambda _, one, __: elsewhere.OnOther(one[0]), remembers=True)
            case tree.Of():
                return self._of_other(node, key, minutes)
            case _:
                assert_never(node)

    def _of(
        self, key: str, minutes: int, inputs: Sequence[tree.Node], make: Make, reaches_back: int = 0, *,
        remembers: bool = False,
    ) -> Step:  # fmt: skip
        return Step(key, minutes, tuple(self.write(one, minutes) for one in inputs), make, reaches_back, remembers)

    def _call(self, node: tree.Call, key: str, minutes: int) -> Step:
        if node.output and not (node.function.make.of_minutes and minutes > 1):
            whole = tree.Call(node.function, node.sources, node.constants)
            return self._of(key, minutes, (whole,), lambda _, one, __: elsewhere.Output(one[0], node.output))
        function = node.function
        self.needs_volume |= function.make.needs_volume
        if function.make.of_minutes and minutes > 1:
            source = self.write(node, 1)
            return Step(key, minutes, (source,), lambda _, one, __: elsewhere.OnOther(one[0]), remembers=True)

        def make(chart: Chart, inputs: Sequence[Series], _: References) -> Series:
            sources, constants = iter(inputs), iter(node.constants)
            given = [next(sources if one.takes is Takes.SERIES else constants) for one in function.parameters]
            return function.make(*((chart, *given) if function.takes_chart else given))

        return self._of(key, minutes, node.sources, make, remembers=True)

    def _of_other(self, node: tree.Of, key: str, minutes: int) -> Step:
        source, symbol = text(node.source), node.symbol
        recipe = compiled(node.source, minutes)
        self.elsewhere.append(Elsewhere(symbol, minutes, source, recipe))
        self.needs_volume |= recipe.needs_volume
        return Step(
            key, minutes, (), lambda chart, _, rest: elsewhere.OfOther(chart, rest.track(symbol, minutes, source))
        )


def _never(*_: object) -> Series:
    raise AssertionError("a constant is not made on a chart")
