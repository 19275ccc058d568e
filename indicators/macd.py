"""Moving average convergence and divergence."""

from math import nan

from indicators.ema import Ema
from indicators.indicator import Indicator, Length
from indicators.series import Given, Series


class Macd(Indicator):
    """MACD: a fast EMA of `source` less a slow one, in rupees.

    `signal` is the EMA of that over `smoothing` bars, `histogram` is MACD less signal. Each EMA starts from the mean of
    its own first values: ready at bar `slow`, signal and histogram `smoothing - 1` bars later. Runs on across days.

    Source: TradingView's `ta.macd`; its seeding settled against exported chart values.
    """

    __slots__ = ("_average", "_fast", "_line", "_slow", "histogram", "signal")
    outputs = ("signal", "histogram")
    example = "macd(12, 26, 9) crosses above macd(12, 26, 9).signal"

    def __init__(self, source: Series, fast: Length = 12, slow: Length = 26, smoothing: Length = 9) -> None:
        super().__init__()
        self._fast, self._slow = Ema(source, fast), Ema(source, slow)
        self._line = Given()
        self._average = Ema(self._line, smoothing)
        self.signal = self.histogram = nan

    @property
    def settles_after(self) -> int:
        return max(self._fast.settles_after, self._slow.settles_after) + self._average.settles_after

    def update(self) -> None:
        fast, slow, average = self._fast, self._slow, self._average
        fast.update()
        slow.update()
        line = self.value = self._line.value = fast.value - slow.value
        average.update()
        signal = self.signal = average.value
        self.histogram = line - signal
