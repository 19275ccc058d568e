"""Simple moving average."""

from collections import deque
from math import nan

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Sma(Indicator):
    """Simple moving average: the mean of `source` over `length` bars.

    `sum(source) / length`. Ready at bar `length`. Runs on across days.

    Source: TradingView's `ta.sma`.
    """

    __slots__ = ("_length", "_source", "_window")
    example = "volume > 2 * sma(volume, 20)"

    def __init__(self, source: Series, length: Length) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._window: deque[float] = deque(maxlen=length)

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
            # Summed anew: a running sum drifts, and one that does not is no quicker below some fifty bars.
            self.value = sum(window) / self._length
