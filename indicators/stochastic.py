"""Stochastic oscillator."""

from collections import deque
from math import nan

from indicators.chart import Chart
from indicators.highest import Highest
from indicators.indicator import Indicator, Length
from indicators.lowest import Lowest


class Stochastic(Indicator):
    """Stochastic %K: where the close stands in the range of the last `length` bars, 0 at its low, 100 at its high.

    `100 * (close - lowest low) / (highest high - lowest low)`, averaged (SMA) over `smoothing` bars; `d` is %D, the SMA
    of that over `average` bars. Ready at bar `length + smoothing - 1`, `d` `average - 1` bars later. A bar whose range
    is nothing has no value and counts in no average. Runs on across days.

    Source: TradingView's Stochastic; `ta.stoch(close, high, low, length)` is %K with a smoothing of 1.
    """

    __slots__ = ("_average", "_chart", "_highest", "_ks", "_length", "_lowest", "_raws", "_smoothing", "d")
    outputs = ("d",)
    aliases = ("stoch",)
    example = "stochastic(14, 3, 3) crosses above stochastic(14, 3, 3).d"

    def __init__(self, chart: Chart, length: Length = 14, smoothing: Length = 1, average: Length = 3) -> None:
        super().__init__()
        self._chart, self._length, self._smoothing, self._average = chart, length, smoothing, average
        self._highest, self._lowest = Highest(chart.high, length), Lowest(chart.low, length)
        self._raws: deque[float] = deque(maxlen=smoothing)
        self._ks: deque[float] = deque(maxlen=average)
        self.d = nan

    @property
    def settles_after(self) -> int:
        return self._length + self._smoothing + self._average

    def update(self) -> None:
        self._highest.update()
        self._lowest.update()
        self.value = self.d = nan
        low = self._lowest.value
        span = self._highest.value - low
        if not span > 0:
            return
        raws, ks = self._raws, self._ks
        raws.append(100 * (self._chart.bar.close - low) / span)
        if len(raws) == self._smoothing:
            k = self.value = sum(raws) / self._smoothing
            ks.append(k)
            if len(ks) == self._average:
                self.d = sum(ks) / self._average
