"""Bollinger bands."""

from math import nan

from indicators.deviation import Deviation
from indicators.indicator import Factor, Indicator, Length
from indicators.series import Series
from indicators.sma import Sma


class Bollinger(Indicator):
    """Bollinger bands: a simple average, and bands (`upper`, `lower`) a multiple of the standard deviation around it.

    The middle is `sma(source, length)`; the bands lie `factor` standard deviations (of the population) away. `width` is
    the distance between the bands in percent of the middle; `percent_b` is where the source lies between them, 0 at the
    lower and 1 at the upper, nan while they are one. Ready at bar `length`. Runs on across days.

    Source: TradingView's `ta.bb`, `ta.bbw` and Bollinger Bands %b.
    """

    __slots__ = ("_average", "_deviation", "_factor", "_length", "_source", "lower", "percent_b", "upper", "width")
    outputs = ("upper", "lower", "width", "percent_b")
    aliases = ("bb",)
    example = "close > bollinger(20, 2).upper"

    def __init__(self, source: Series, length: Length = 20, factor: Factor = 2.0) -> None:
        super().__init__()
        self._source, self._length, self._factor = source, length, factor
        self._average, self._deviation = Sma(source, length), Deviation(source, length)
        self.upper = self.lower = self.width = self.percent_b = nan

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        self._average.update()
        self._deviation.update()
        self.value = middle = self._average.value
        reach = self._factor * self._deviation.value
        self.upper, self.lower = middle + reach, middle - reach
        self.width = 200 * reach / middle if middle else nan
        self.percent_b = (self._source.value - middle) / (2 * reach) + 0.5 if reach else nan
