"""Kaufman's adaptive moving average."""

from math import nan

from indicators.efficiency_ratio import EfficiencyRatio
from indicators.indicator import Indicator, Length
from indicators.series import Series


class Kama(Indicator):
    """Kaufman's adaptive moving average of `source`: quick in a trend, slow in a range.

    `kama + s * s * (source - kama)`, where `s` goes from `2 / (slow + 1)` at an efficiency ratio of 0 to
    `2 / (fast + 1)` at one of 1. Ready at bar `length` with the source itself. Runs on across days.

    Source: Perry J. Kaufman, Trading Systems and Methods; its start settled against published values.
    """

    __slots__ = ("_average", "_length", "_missing", "_ratio", "_slow", "_slowest", "_source", "_span")
    example = "close crosses above kama(10, 2, 30)"

    def __init__(self, source: Series, length: Length = 10, fast: Length = 2, slow: Length = 30) -> None:
        super().__init__()
        self._source, self._length, self._slow = source, length, slow
        self._ratio = EfficiencyRatio(source, length)
        self._slowest = 2 / (slow + 1)
        self._span = 2 / (fast + 1) - self._slowest
        self._missing = length
        self._average = nan

    @property
    def settles_after(self) -> int:
        # It forgets at a pace of its own; on the minutes of NSE stocks less than a tick is left after this.
        return 10 * self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        self._ratio.update()
        if not self._missing:
            speed = self._slowest + self._ratio.value * self._span
            average = self._average
            self.value = self._average = average + speed * speed * (new - average)
            return
        self._missing -= 1
        if not self._missing:
            self.value = self._average = new
