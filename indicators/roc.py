"""Rate of change."""

from collections import deque
from math import nan

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Roc(Indicator):
    """Rate of change: by how many percent `source` differs from what it was `length` bars ago.

    `100 * (source - source[length]) / source[length]`. Ready at bar `length + 1`; nan where that was 0. Runs on across
    days.

    Source: TradingView's `ta.roc`.
    """

    __slots__ = ("_length", "_source", "_window")
    unit = "%"
    example = "roc(15) > 2%"

    def __init__(self, source: Series, length: Length = 9) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._window: deque[float] = deque(maxlen=length + 1)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new = self._source.value
        self.value = nan
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            return
        window = self._window
        window.append(new)
        if len(window) > self._length:
            old = window[0]
            if old:
                self.value = 100 * (new - old) / old
