"""Accumulation/distribution line."""

from indicators.chart import Chart
from indicators.indicator import Indicator


class Accumulation(Indicator):
    """Accumulation/distribution: volume by where in its range each bar closes, added up, in units.

    Adds `((close - low) - (high - close)) / (high - low) * volume`: all of the volume for a close at the high, none for
    one in the middle, less all for one at the low; nothing for a bar without range. Ready with the first bar, runs on
    across days. Its level depends on where the history begins, so compare it with its own past only.

    Source: TradingView's `ta.accdist`.
    """

    __slots__ = ("_chart", "_sum")
    needs_volume = True
    aliases = ("ad",)
    example = "accumulation > accumulation[10]"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._sum = 0.0

    def update(self) -> None:
        bar = self._chart.bar
        high, low, close = bar.high, bar.low, bar.close
        if high > low:
            self._sum += ((close - low) - (high - close)) / (high - low) * bar.volume
        self.value = self._sum
