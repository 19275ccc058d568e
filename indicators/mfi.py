"""Money flow index."""

from collections import deque
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator, Length
from indicators.series import Series


class Mfi(Indicator):
    """Money flow index: an RSI weighted by volume, from 0 to 100.

    `100 - 100 / (1 + up / down)`: `up` is the sum of `source * volume` over those of the last `length` bars whose
    source rose, `down` over those whose source fell. The very first bar counts in both. 100 without `down`, nan without
    either. Ready at bar `length`. Runs on across days.

    Source: TradingView's `ta.mfi`; what the first bar counts settled against exported chart values.
    """

    __slots__ = ("_chart", "_downs", "_last", "_length", "_source", "_ups")
    default_source = "hlc3"
    needs_volume = True
    example = "mfi(14) < 20"

    def __init__(self, chart: Chart, source: Series, length: Length = 14) -> None:
        super().__init__()
        self._chart, self._source, self._length = chart, source, length
        self._ups: deque[float] = deque(maxlen=length)
        self._downs: deque[float] = deque(maxlen=length)
        self._last = nan

    @property
    def settles_after(self) -> int:
        return self._length + 1

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        last, self._last = self._last, new
        flow = new * self._chart.bar.volume
        ups = self._ups
        # Both comparisons are false at the first bar.
        ups.append(0.0 if new <= last else flow)
        self._downs.append(0.0 if new >= last else flow)
        if len(ups) == self._length:
            up = sum(ups)
            both = up + sum(self._downs)
            self.value = 100 * up / both if both else nan
