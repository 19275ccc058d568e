"""Compiles a checked rule: its tree becomes the steps of a recipe."""

from collections.abc import Sequence
from typing import assert_never

from indicators.chart import Chart
from indicators.fields import PLAIN, BarBefore
from indicators.series import Series
from rules import tree
from rules.function import Takes
from rules.operators import arithmetic, comparison, elsewhere
from rules.operators.table import BINARY, OF_ONE, OF_SEVERAL, OF_THE_PAST
from rules.outline import outlined
from rules.recipe import Elsewhere, Make, Recipe, Step
from rules.references import References
from rules.text import text


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
