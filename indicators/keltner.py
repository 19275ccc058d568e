"""Keltner channels."""

from math import nan

from indicators.chart import Chart
from indicators.ema import Ema
from indicators.indicator import Factor, Indicator, Length
from indicators.series import Given, Series


class Keltner(Indicator):
    """Keltner channels: an EMA, and bands (`upper`, `lower`) a multiple of the average true range around it.

    The middle is `ema(source, length)`; the bands lie `factor` times the EMA of the true range over `length` bars
    away. The first bar has no true range, so the bands are ready one bar after the middle, at bar `length + 1`. Runs on
    across days.

    Source: TradingView's `ta.kc`.
    """

    __slots__ = ("_average", "_chart", "_close", "_factor", "_length", "_middle", "_range", "lower", "upper")
    outputs = ("upper", "lower")
    example = "close > keltner(20, 2).upper"

    def __init__(self, chart: Chart, source: Series, length: Length = 20, factor: Factor = 2.0) -> None:
        super().__init__()
        self._chart, self._length, self._factor = chart, length, factor
        self._middle = Ema(source, length)
        self._range = Given()
        self._average = Ema(self._range, length)
        self._close = nan
        self.upper = self.lower = nan

    @property
    def settles_after(self) -> int:
        return self._middle.settles_after

    def update(self) -> None:
        bar = self._chart.bar
        last, self._close = self._close, bar.close
        if last == last:  # noqa: PLR0124 - not nan: there is a bar before
            self._range.value = max(bar.high, last) - min(bar.low, last)
        self._average.update()
        self._middle.update()
        self.value = middle = self._middle.value
        width = self._factor * self._average.value
        self.upper, self.lower = middle + width, middle - width
