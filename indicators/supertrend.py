"""SuperTrend."""

from math import ceil, inf, nan

from indicators.atr import Atr
from indicators.chart import Chart
from indicators.indicator import Factor, Indicator, Length


class Supertrend(Indicator):
    """Trailing line a multiple of the ATR away from price; `direction` is 1 while price is above it, -1 below.

    Bands lie `factor * atr(length)` above and below (high + low) / 2. The lower band only rises, until a close below
    it; the upper only falls, until a close above it. Going up, the line is the lower band, going down the upper; it
    turns up when the close is above the upper band, down when it is below the lower. Ready with the ATR, and starts
    going down. Runs on across days.

    Source: TradingView's `ta.supertrend`; its start settled against exported chart values.
    """

    __slots__ = ("_chart", "_close", "_factor", "_lower", "_range", "_upper", "direction")
    outputs = ("direction",)
    example = "close > supertrend(10, 3)"

    def __init__(self, chart: Chart, length: Length = 10, factor: Factor = 3.0) -> None:
        super().__init__()
        self._chart, self._factor = chart, factor
        self._range = Atr(chart, length)
        self._close = nan
        self._lower, self._upper = -inf, inf
        self.direction = nan

    @property
    def settles_after(self) -> int:
        # The ATR's history, and a wrong start until the line turns: on 1-minute bars of stocks half of them are
        # forgotten after 10 bars for each ATR of the factor, nearly all after 50.
        return self._range.settles_after + ceil(50 * self._factor)

    def update(self) -> None:
        bar = self._chart.bar
        last, self._close = self._close, bar.close
        self._range.update()
        width = self._factor * self._range.value
        if width != width:  # noqa: PLR0124 - nan: not yet
            return
        close, middle = bar.close, (bar.high + bar.low) / 2
        lower, upper = middle - width, middle + width
        if lower < self._lower <= last:
            lower = self._lower
        if upper > self._upper >= last:
            upper = self._upper
        self._lower, self._upper = lower, upper
        if self.direction > 0:
            if close < lower:
                self.direction = -1
        elif self.direction < 0:
            if close > upper:
                self.direction = 1
        else:
            self.direction = -1
        self.value = lower if self.direction > 0 else upper
