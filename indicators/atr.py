"""Average true range."""

from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator, Length


class Atr(Indicator):
    """Wilder's average (RMA) of the true range over `length` bars, in rupees.

    The true range of the very first bar is high - low. Ready at bar `length` with the mean of the first `length`
    ranges, then `(range + (length - 1) * atr) / length`. Runs on across days.

    Source: TradingView's `ta.atr`; its seeding settled against exported chart values.
    """

    __slots__ = ("_chart", "_close", "_length", "_missing", "_sum")
    example = "high - low > 2 * atr(14)"

    def __init__(self, chart: Chart, length: Length = 14) -> None:
        super().__init__()
        self._chart, self._length = chart, length
        self._close = nan
        self._missing = length
        self._sum = 0.0

    @property
    def settles_after(self) -> int:
        # As with the EMA, but Wilder's average forgets half as fast.
        return 7 * self._length

    def update(self) -> None:
        bar, close = self._chart.bar, self._close
        # No comparison with a nan holds: the first bar's range is high - low.
        high = close if close > bar.high else bar.high  # noqa: FURB136 - two calls would double the cost
        low = close if close < bar.low else bar.low  # noqa: FURB136
        true_range = high - low
        self._close = bar.close
        if not self._missing:
            self.value += (true_range - self.value) / self._length
            return
        self._missing -= 1
        self._sum += true_range
        if not self._missing:
            self.value = self._sum / self._length
