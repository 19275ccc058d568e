"""Hull moving average."""

from math import isqrt
from typing import Annotated

from annotated_types import Interval

from indicators.indicator import Indicator
from indicators.series import Given, Series
from indicators.wma import Wma


class Hma(Indicator):
    """Hull moving average of `source` over `length` bars: smooth, yet close behind the price.

    `wma(2 * wma(source, length / 2) - wma(source, length), sqrt(length))`, both lengths rounded down. Ready at bar
    `length + sqrt(length) - 1`. Runs on across days.

    Source: TradingView's `ta.hma`.
    """

    __slots__ = ("_hull", "_length", "_long", "_raw", "_short")
    example = "close crosses above hma(20)"

    def __init__(self, source: Series, length: Annotated[int, Interval(ge=2, le=10_000)]) -> None:
        super().__init__()
        self._length = length
        self._short, self._long = Wma(source, length // 2), Wma(source, length)
        self._raw = Given()
        self._hull = Wma(self._raw, isqrt(length))

    @property
    def settles_after(self) -> int:
        return self._length + isqrt(self._length)

    def update(self) -> None:
        short, long = self._short, self._long
        short.update()
        long.update()
        self._raw.value = 2 * short.value - long.value
        self._hull.update()
        self.value = self._hull.value
