"""Average true range."""

from indicators.indicator import Indicator
from market.bar import Bar


class Atr(Indicator):
    """Wilder's average (RMA) of the true range over `length` bars, in rupees.

    The true range of the very first bar is high - low. Ready at bar `length` with the mean of the first `length`
    ranges, then `(range + (length - 1) * atr) / length`. Runs on across days.

    Source: TradingView's `ta.atr`; its seeding settled against exported chart values.
    """

    __slots__ = ("_close", "_seen", "_sum", "length")

    def __init__(self, length: int) -> None:
        super().__init__(f"atr{length}", f"atr({length})")
        self.length = length
        self._close: float | None = None
        self._seen = 0
        self._sum = 0.0

    @property
    def settles_after(self) -> int:
        # As with the EMA, but Wilder's average forgets half as fast.
        return 7 * self.length

    def update(self, bar: Bar) -> None:
        if self._close is None:
            true_range = bar.high - bar.low
        else:
            true_range = max(bar.high, self._close) - min(bar.low, self._close)
        self._close = bar.close
        if self.ready:
            self.value += (true_range - self.value) / self.length
            return
        self._seen += 1
        self._sum += true_range
        if self._seen == self.length:
            self.value = self._sum / self.length
            self.ready = True
