"""True range."""

from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator


class TrueRange(Indicator):
    """True range: the bar's high less its low, reaching to the close before, in rupees.

    `max(high, close[1]) - min(low, close[1])`; `high - low` on the very first bar. Ready at once. Runs on across days,
    so a day's first bar counts the gap.

    Source: TradingView's `ta.tr(true)`.
    """

    __slots__ = ("_chart", "_close")
    aliases = ("tr",)
    example = "true_range > 2 * atr(14)"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._close = nan

    @property
    def settles_after(self) -> int:
        return 1

    def update(self) -> None:
        bar, close = self._chart.bar, self._close
        # No comparison with a nan holds: the first bar's range is high - low.
        high = close if close > bar.high else bar.high  # noqa: FURB136 - two calls would double the cost
        low = close if close < bar.low else bar.low  # noqa: FURB136
        self.value = high - low
        self._close = bar.close
