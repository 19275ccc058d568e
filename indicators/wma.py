"""Linearly weighted moving average."""

from collections import deque
from math import nan
from operator import mul

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Wma(Indicator):
    """Linearly weighted moving average of `source` over `length` bars: the newest counts most.

    `(1 * oldest + 2 * next + ... + length * newest) / (1 + 2 + ... + length)`. Ready at bar `length`. Runs on across
    days.

    Source: TradingView's `ta.wma`.
    """

    __slots__ = ("_length", "_source", "_total", "_weights", "_window")
    example = "close crosses above wma(20)"

    def __init__(self, source: Series, length: Length) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._window: deque[float] = deque(maxlen=length)
        self._weights = range(1, length + 1)
        self._total = length * (length + 1) / 2

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        window = self._window
        window.append(new)
        if len(window) == self._length:
            # Summed anew: the running form drifts, for it takes a drifting sum from another one.
            self.value = sum(map(mul, self._weights, window)) / self._total
