"""Relative strength index."""

from math import nan

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Rsi(Indicator):
    """Relative strength index: how much of the recent movement was upwards, 0 to 100.

    `100 * up / (up + down)`, where up and down are Wilder's averages (RMA) over `length` bars of the rises and of the
    falls of `source`. Ready at bar `length + 1`; nan as long as the source has never moved. Runs on across days.

    Source: TradingView's `ta.rsi`; its seeding settled against exported chart values.
    """

    __slots__ = ("_before", "_down", "_length", "_missing", "_source", "_up")
    example = "rsi(14) < 30"

    def __init__(self, source: Series, length: Length = 14) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._before = nan
        self._missing = length
        self._up = self._down = 0.0

    @property
    def settles_after(self) -> int:
        # As long as the average inside it.
        return 7 * self._length

    def update(self) -> None:
        new = self._source.value
        change = new - self._before
        if change != change:  # noqa: PLR0124 - nan: the first bar, or nothing to count
            self.value = nan
            if new == new:  # noqa: PLR0124
                self._before = new
            return
        self._before = new
        rise, fall = (change, 0.0) if change > 0 else (0.0, -change)
        length = self._length
        if self._missing:
            self._missing -= 1
            # Sums of shares: the mean once none is missing.
            up = self._up = self._up + rise / length
            down = self._down = self._down + fall / length
            if self._missing:
                return
        else:
            up = self._up = self._up + (rise - self._up) / length
            down = self._down = self._down + (fall - self._down) / length
        moved = up + down
        self.value = 100 * up / moved if moved else nan
