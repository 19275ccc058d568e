"""Williams %R."""

from math import nan

from indicators.chart import Chart
from indicators.highest import Highest
from indicators.indicator import Indicator, Length
from indicators.lowest import Lowest


class WilliamsR(Indicator):
    """Williams %R: how far the close is below the high of the last `length` bars, 0 at the high, -100 at the low.

    `100 * (close - highest high) / (highest high - lowest low)`. Ready at bar `length`; nan while the window has no
    range. Runs on across days.

    Source: TradingView's `ta.wpr`.
    """

    __slots__ = ("_chart", "_highest", "_length", "_lowest")
    aliases = ("wpr",)
    example = "williams_r(14) < -80"

    def __init__(self, chart: Chart, length: Length = 14) -> None:
        super().__init__()
        self._chart, self._length = chart, length
        self._highest, self._lowest = Highest(chart.high, length), Lowest(chart.low, length)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        self._highest.update()
        self._lowest.update()
        high = self._highest.value
        span = high - self._lowest.value
        self.value = 100 * (self._chart.bar.close - high) / span if span > 0 else nan
