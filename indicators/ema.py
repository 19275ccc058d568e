"""Exponential moving average."""

from math import nan

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Ema(Indicator):
    """Exponential moving average of `source` over `length` bars.

    Ready at bar `length` with the mean of the first `length` values, then `a * source + (1 - a) * ema` with
    `a = 2 / (length + 1)`. Runs on across days.

    Source: TradingView's `ta.ema`; its seeding settled against exported chart values.
    """

    __slots__ = ("_alpha", "_average", "_length", "_missing", "_rest", "_source", "_sum")
    example = "close > ema(21)"

    def __init__(self, source: Series, length: Length) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._alpha = 2 / (length + 1)
        self._rest = 1 - self._alpha
        self._missing = length
        self._sum = 0.0
        self._average = nan

    @property
    def settles_after(self) -> int:
        # Ready after one length. The seed may be a percent or so off what a longer history would give; after three
        # more lengths e**-6 of that is left, half a tick of a 1,000 rupee stock.
        return 4 * self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
        elif not self._missing:
            self.value = self._average = self._alpha * new + self._rest * self._average
        else:
            self._missing -= 1
            self._sum += new
            if not self._missing:
                self.value = self._average = self._sum / self._length
