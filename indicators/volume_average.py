"""Average volume."""

from collections import deque

from indicators.chart import Chart
from indicators.indicator import Indicator, Length


class VolumeAverage(Indicator):
    """Average volume of the last `length` bars, this one included, in units.

    Ready at bar `length`. Runs on across days; a minute without trades has no bar and does not count.

    Source: TradingView's Volume MA, `ta.sma(volume, length)`.
    """

    __slots__ = ("_chart", "_length", "_sum", "_volumes")
    needs_volume = True
    aliases = ("avg_volume",)
    example = "volume > 1.5 * volume_average(20)"

    def __init__(self, chart: Chart, length: Length = 20) -> None:
        super().__init__()
        self._chart, self._length = chart, length
        self._volumes: deque[int] = deque()
        self._sum = 0  # whole units: it cannot drift

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        volume, volumes = self._chart.bar.volume, self._volumes
        volumes.append(volume)
        self._sum += volume
        if len(volumes) > self._length:
            self._sum -= volumes.popleft()
        elif len(volumes) < self._length:
            return
        self.value = self._sum / self._length
