"""Standard deviation."""

from collections import deque
from itertools import repeat
from math import dist, nan, sqrt
from operator import sub

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Deviation(Indicator):
    """Standard deviation of `source` over `length` bars, in the unit of the source.

    `sqrt(mean((source - mean) ** 2))`: of the population, as in Bollinger bands. Ready at bar `length`; 0 while the
    window is flat. Runs on across days.

    Source: TradingView's `ta.stdev`.
    """

    __slots__ = ("_length", "_root", "_source", "_window")
    aliases = ("stdev",)
    example = "deviation(20) > 2 * deviation(20)[20]"

    def __init__(self, source: Series, length: Length = 20) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._root = sqrt(length)
        self._window: deque[float] = deque(maxlen=length)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        window, length = self._window, self._length
        window.append(new)
        if len(window) == length:
            # A running sum of squares loses the digits that matter: a price of 24,000 moves by 5 a minute. Counted
            # from the newest, a flat window is one of noughts, whatever its price rounds to.
            offsets = tuple(map(sub, window, repeat(new)))
            self.value = dist(offsets, (sum(offsets) / length,) * length) / self._root
