"""On-balance volume."""

from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator


class Obv(Indicator):
    """On-balance volume: the volume of rising bars less that of falling bars, added up, in units.

    A bar's volume is added when it closes above the close before, taken away when below, else left out; 0 at the first
    bar. Runs on across days. Its level depends on where the history begins, so compare it with its own past only.

    Source: TradingView's `ta.obv`.
    """

    __slots__ = ("_chart", "_close")
    needs_volume = True
    example = "obv > obv[10]"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._close = nan

    @property
    def settles_after(self) -> int:
        # Its level never does; how it changes, with the close before.
        return 1

    def update(self) -> None:
        bar = self._chart.bar
        close, last = bar.close, self._close
        self._close = close
        if close > last:
            self.value += bar.volume
        elif close < last:
            self.value -= bar.volume
        elif last != last:  # noqa: PLR0124 - nan: the first bar
            self.value = 0.0
