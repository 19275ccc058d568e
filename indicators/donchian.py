"""Donchian channel."""

from math import nan

from indicators.chart import Chart
from indicators.highest import Highest
from indicators.indicator import Indicator, Length
from indicators.lowest import Lowest


class Donchian(Indicator):
    """Donchian channel: the highest high (`upper`) and lowest low (`lower`) of some bars; the middle is halfway.

    Of the last `length` bars, the current one included, so a close can never be above `upper`: a breakout is
    `close > donchian(20).upper[1]`. Ready at bar `length`. Runs on across days.

    Source: TradingView's Donchian Channels.
    """

    __slots__ = ("_highest", "_length", "_lowest", "lower", "upper")
    outputs = ("upper", "lower")
    example = "close > donchian(20).upper[1]"

    def __init__(self, chart: Chart, length: Length = 20) -> None:
        super().__init__()
        self._length = length
        self._highest, self._lowest = Highest(chart.high, length), Lowest(chart.low, length)
        self.upper = self.lower = nan

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        self._highest.update()
        self._lowest.update()
        self.upper, self.lower = self._highest.value, self._lowest.value
        self.value = (self.upper + self.lower) / 2
