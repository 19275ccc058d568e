"""Exponential moving average."""

from indicators.indicator import Indicator
from market.bar import Bar


class Ema(Indicator):
    """EMA of the close over `length` bars, in rupees.

    Ready at bar `length` with the mean of the first `length` closes, then `a * close + (1 - a) * ema` with
    `a = 2 / (length + 1)`. Runs on across days.

    Source: TradingView's `ta.ema`; its seeding settled against exported chart values.
    """

    __slots__ = ("_alpha", "_rest", "_seen", "_sum", "length")

    def __init__(self, length: int) -> None:
        super().__init__(f"ema{length}", f"ema({length})")
        self.length = length
        self._alpha = 2 / (length + 1)
        self._rest = 1 - self._alpha
        self._seen = 0
        self._sum = 0.0

    @property
    def settles_after(self) -> int:
        # Ready after one length. The seed may be a percent or so off what a longer history would give; after three
        # more lengths e**-6 of that is left, half a tick of a 1,000 rupee stock.
        return 4 * self.length

    def update(self, bar: Bar) -> None:
        if self.ready:
            self.value = self._alpha * bar.close + self._rest * self.value
            return
        self._seen += 1
        self._sum += bar.close
        if self._seen == self.length:
            self.value = self._sum / self.length
            self.ready = True
