"""The shipped rules on a real day, and on the line itself."""

from typing import Any

import numpy as np
import pytest

from engine.binding import bound
from engine.judge import Judge, PythonJudge
from indicators.charts import Charts
from market.bar import Bar
from rules.references import References
from signals.signal import Condition, Side
from strategies.strategy import Strategy
from tests.factories import bar, bars_at, ema_vwap, hours, plan_from, real_bars


class Asked:
    """The shipped strategy on the bars of one symbol."""

    def __init__(self, symbol: str = "NSE:TCS", fast: int = 9, middle: int = 15, slow: int = 55) -> None:
        self.charts = Charts(0.05, hours(symbol))
        self.judge: Judge = bound(plan_from(ema_vwap(fast, middle, slow)), self.charts, References())[0]

    def take(self, each: Bar) -> None:
        self.charts.take([(self.charts.of(1), each)])


def test_conditions_agree_with_the_side_on_every_bar_in_both_directions():
    seen = dict.fromkeys([*Side, None], 0)
    for symbol, bars in list(real_bars().items())[::4]:
        asked = Asked(symbol)
        judge = asked.judge
        for each in bars:
            asked.take(each)
            if not judge.ready:
                continue
            side = judge.side(each)
            seen[side] += 1
            for one in Side:
                conditions = judge.conditions(each, one)
                assert all(condition.ok for condition in conditions) is (side is one)
                assert [condition.left for condition in conditions] == [each.close] * 4
                assert [condition.right for condition in conditions] == [line.value for line in judge.shown.values()]
    assert min(seen.values()) > 500


def test_conditions_on_the_line_itself_are_on_neither_side():
    asked = Asked(fast=2, middle=2, slow=2)
    bars = [*bars_at([100.0, 100.0]), bar("09:17", 100.0)]
    for each in bars:
        asked.take(each)
    assert asked.judge.ready
    assert asked.judge.side(bars[-1]) is None
    assert not any(condition.ok for side in Side for condition in asked.judge.conditions(bars[-1], side))


class Tells(Strategy):
    """A user's own strategy that tells what it is given."""

    def __init__(self, told: Any) -> None:
        super().__init__({})
        self._told = told

    def side(self, bar: Bar) -> Side | None:
        del bar
        return Side.LONG

    def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
        del bar, side
        told: tuple[Condition, ...] = self._told
        return told


def told_by(told: Any) -> tuple[Condition, ...]:
    return PythonJudge(Tells(told), {}, needs_volume=False).conditions(bar("09:15", 100.0), Side.LONG)


def test_what_a_users_own_strategy_tells_has_the_types_of_a_record_whatever_it_counts_with():
    (told,) = told_by([Condition("close > 1", np.float64(2), 1, np.bool_(1))])  # type: ignore[arg-type]
    assert (told.left, told.right, told.ok) == (2.0, 1.0, True)
    assert [type(each) for each in (told.left, told.right, told.ok)] == [float, float, bool]


@pytest.mark.parametrize("nonsense", [None, 3, ["close > 1"], [Condition("a", 1.0, 0.0, None, 0.5)]])  # type: ignore[arg-type]
def test_nonsense_that_it_tells_ends_its_symbol_before_anybody_else_has_it(nonsense: Any):
    with pytest.raises((TypeError, ValueError, AttributeError)):
        told_by(nonsense)
