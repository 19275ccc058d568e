"""Volume-weighted moving average."""

from collections import deque
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator, Length
from indicators.series import Series


class Vwma(Indicator):
    """Volume-weighted moving average of `source` over `length` bars.

    `sum(source * volume) / sum(volume)`. Ready at bar `length`; nan while the window has no volume. Runs on across
    days, which VWAP does not.

    Source: TradingView's `ta.vwma`.
    """

    __slots__ = ("_chart", "_length", "_source", "_turnovers", "_volumes")
    needs_volume = True
    example = "close > vwma(20)"

    def __init__(self, chart: Chart, source: Series, length: Length = 20) -> None:
        super().__init__()
        self._chart, self._source, self._length = chart, source, length
        self._turnovers: deque[float] = deque(maxlen=length)
        self._volumes: deque[int] = deque(maxlen=length)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        turnovers, volumes, volume = self._turnovers, self._volumes, self._chart.bar.volume
        turnovers.append(new * volume)
        volumes.append(volume)
        if len(volumes) == self._length:
            # Summed anew: a running sum keeps the rounding of one huge block for ever.
            total = sum(volumes)
            self.value = sum(turnovers) / total if total else nan
