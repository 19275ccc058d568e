"""The shipped rules on a real day, and on the line itself."""

from engine.binding import bound
from engine.judge import Judge
from indicators.charts import Charts
from market.bar import Bar
from rules.references import References
from signals.signal import Side
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
