"""Kaufman's efficiency ratio."""

from collections import deque
from math import nan

from indicators.indicator import Indicator, Length
from indicators.series import Series


class EfficiencyRatio(Indicator):
    """Efficiency ratio: how straight the way of `source` was, 1 for a straight line, 0 for back and forth.

    `abs(source - source[length]) / sum of abs(source - source[1])` over `length` changes; 0 where nothing moved. Ready
    at bar `length + 1`. Runs on across days.

    Source: Perry J. Kaufman, Trading Systems and Methods.
    """

    __slots__ = ("_length", "_source", "_steps", "_window")
    aliases = ("er",)
    example = "efficiency_ratio(3) > 0.8"

    def __init__(self, source: Series, length: Length = 10) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._window: deque[float] = deque(maxlen=length + 1)
        self._steps: deque[float] = deque(maxlen=length)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        window, steps = self._window, self._steps
        if window:
            steps.append(abs(new - window[-1]))
        window.append(new)
        if len(window) > self._length:
            way = sum(steps)
            self.value = abs(new - window[0]) / way if way else 0.0
