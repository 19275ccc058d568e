"""Momentum."""

from collections import deque
from math import nan

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Momentum(Indicator):
    """Momentum: by how much `source` differs from what it was `length` bars ago.

    `source - source[length]`, in the unit of the source. Ready at bar `length + 1`. Runs on across days.

    Source: TradingView's `ta.mom`.
    """

    __slots__ = ("_length", "_source", "_window")
    aliases = ("mom",)
    example = "momentum(10) crosses above 0"

    def __init__(self, source: Series, length: Length = 10) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._window: deque[float] = deque(maxlen=length + 1)

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
        if len(window) > self._length:
            self.value = new - window[0]
