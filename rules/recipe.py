"""A rule, compiled once: the steps that make its series on the charts of any symbol.

A step names one computation of one timeframe by its text, so whatever several rules have in common is computed once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, assert_never

from indicators.chart import Chart
from indicators.charts import Charts
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
    """What its outline speaks of."""
    late: tuple[Series, ...] = ()
    """Series that read given numbers, in order: to be updated by whoever gives them, once they are there."""


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

    def reads(self, field: str) -> bool:
        """Whether it reads a field of its own symbol's bars, or of another's."""
        return any(step.name == field for step in self.steps) or any(one.recipe.reads(field) for one in self.elsewhere)

    def bind(self, charts: Charts, references: References, given: Mapping[str, Series] = MappingProxyType({})) -> Bound:
        """Its series on a symbol's charts, made now or there already; `given` has the numbers that no chart knows."""
        made: list[Series] = []
        minutes: list[int] = []
        late: dict[int, Series] = {}
        for position, step in enumerate(self.steps):
            inputs = [made[each] for each in step.inputs]
            deepest = max((minutes[each] for each in step.inputs), default=0)
            chart = charts.of(step.minutes)
            if step.constant is not None:
                series: Series = arithmetic.Constant(step.constant)
            elif step.name in given:
                series = late[position] = given[step.name]
            elif any(each in late for each in step.inputs):
                series = late[position] = step.make(chart, inputs, references)
            else:
                series = chart.series(step.key, lambda: step.make(chart, inputs, references))  # noqa: B023 - called at once
            bars = step.reaches_back + series.settles_after
            made.append(series)
            minutes.append(bars * step.minutes + deepest)
        return Bound(made[-1], minutes[-1], tuple(made[each] for each in self.told), tuple(late.values()))


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
    return Recipe(tuple(writer.steps), tuple(writer.elsewhere), writer.needs_volume, outline, tuple(told))


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
                return self._of(key, minutes, (node.left, node.right), lambda _, two, __: BINARY[operator](*two))
            case tree.Between():
                parts = (node.source, node.low, node.high)
                return self._of(key, minutes, parts, lambda _, three, __: comparison.Between(*three))
            case tree.Percent(percent=percent):
                return self._of(key, minutes, (node.source,), lambda _, one, __: arithmetic.Moved(one[0], percent))
            case tree.Negative() | tree.Absolute() | tree.Not():
                return self._of(key, minutes, (node.source,), lambda _, one, __: OF_ONE[type(node)](one[0]))
            case tree.Every() | tree.AnyOf() | tree.Count() | tree.Least() | tree.Greatest():
                return self._of(key, minutes, node.parts, lambda _, parts, __: OF_SEVERAL[type(node)](parts))
            case tree.Ago(bars=bars) | tree.Within(bars=bars) | tree.Throughout(bars=bars):
                make = OF_THE_PAST[type(node)]
                return self._of(key, minutes, (node.source,), lambda _, one, __: make(one[0], bars), bars)
            case tree.InSession(first_minute=first, last_minute=last):
                return self._of(key, minutes, (), lambda chart, *_: elsewhere.InSession(chart, first, last))
            case tree.On():
                source = self.write(node.source, node.minutes)
                return Step(key, minutes, (source,), lambda _, one, __: elsewhere.OnOther(one[0]))
            case tree.Of():
                return self._of_other(node, key, minutes)
            case _:
                assert_never(node)

    def _of(self, key: str, minutes: int, inputs: Sequence[tree.Node], make: Make, reaches_back: int = 0) -> Step:
        return Step(key, minutes, tuple(self.write(one, minutes) for one in inputs), make, reaches_back)

    def _call(self, node: tree.Call, key: str, minutes: int) -> Step:
        if node.output and not (node.function.make.of_minutes and minutes > 1):
            whole = tree.Call(node.function, node.sources, node.constants)
            return self._of(key, minutes, (whole,), lambda _, one, __: elsewhere.Output(one[0], node.output))
        function = node.function
        self.needs_volume |= function.make.needs_volume
        if function.make.of_minutes and minutes > 1:
            return Step(key, minutes, (self.write(node, 1),), lambda _, one, __: elsewhere.OnOther(one[0]))

        def make(chart: Chart, inputs: Sequence[Series], _: References) -> Series:
            sources, constants = iter(inputs), iter(node.constants)
            given = [next(sources if one.takes is Takes.SERIES else constants) for one in function.parameters]
            return function.make(*((chart, *given) if function.takes_chart else given))

        return self._of(key, minutes, node.sources, make)

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
