"""Highest of some bars."""

from collections import deque
from math import nan

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Highest(Indicator):
    """Highest `source` of the last `length` bars, the current one included; the bar's high unless told otherwise.

    Ready at bar `length`. Runs on across days.

    Source: TradingView's `ta.highest`.
    """

    __slots__ = ("_best", "_length", "_source", "_window")
    default_source = "high"
    example = "close crosses above highest(20)[1]"

    def __init__(self, source: Series, length: Length) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._window: deque[float] = deque(maxlen=length)
        self._best: deque[float] = deque()
        """Those that are, or may become, the highest of the window: falling."""

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        window, best, length = self._window, self._best, self._length
        if len(window) == length and window[0] == best[0]:
            best.popleft()
        window.append(new)
        while best and best[-1] < new:
            best.pop()
        best.append(new)
        if len(window) == length:
            self.value = best[0]
