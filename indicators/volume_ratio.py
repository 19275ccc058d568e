"""Volume against its average."""

from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator, Length
from indicators.volume_average import VolumeAverage


class VolumeRatio(Indicator):
    """This bar's volume as a multiple of the average of the last `length` bars, this one included.

    `volume / volume_average(length)`, so `volume_ratio(20) > 1.5` says what `volume > 1.5 * volume_average(20)` does.
    Ready at bar `length`; nan while none of them had volume. Runs on across days.

    Source: the line that TradingView draws on its volume bars includes the bar itself too.
    """

    __slots__ = ("_average", "_chart")
    needs_volume = True
    example = "volume_ratio(20) > 2"

    def __init__(self, chart: Chart, length: Length = 20) -> None:
        super().__init__()
        self._chart = chart
        self._average = VolumeAverage(chart, length)

    @property
    def settles_after(self) -> int:
        return self._average.settles_after

    def update(self) -> None:
        self._average.update()
        average = self._average.value
        self.value = self._chart.bar.volume / average if average else nan
