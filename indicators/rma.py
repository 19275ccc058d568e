"""Wilder's moving average."""

from math import nan

from indicators.indicator import Indicator, Length
from indicators.series import Series


class Rma(Indicator):
    """Wilder's moving average of `source` over `length` bars, the one inside RSI and ATR.

    Ready at bar `length` with the mean of the first `length` values, then `(source + (length - 1) * rma) / length`.
    Runs on across days.

    Source: TradingView's `ta.rma`; its seeding settled against exported chart values.
    """

    __slots__ = ("_average", "_length", "_missing", "_source", "_sum")
    example = "close > rma(14)"

    def __init__(self, source: Series, length: Length) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._missing = length
        self._sum = 0.0
        self._average = nan

    @property
    def settles_after(self) -> int:
        # As with the EMA, but Wilder's average forgets half as fast.
        return 7 * self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
        elif not self._missing:
            average = self._average
            self.value = self._average = average + (new - average) / self._length
        else:
            self._missing -= 1
            self._sum += new
            if not self._missing:
                self.value = self._average = self._sum / self._length
