"""Chaikin money flow."""

from collections import deque
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator, Length


class MoneyFlow(Indicator):
    """Chaikin money flow: whether volume came with closes near the high (up to 1) or near the low (down to -1).

    The sum of `((close - low) - (high - close)) / (high - low) * volume` over `length` bars divided by that of the
    volume; a bar without range counts with its volume only. Ready at bar `length`, nan while none of them had volume.
    Runs on across days.

    Source: TradingView's Chaikin Money Flow.
    """

    __slots__ = ("_chart", "_flows", "_length", "_volumes")
    needs_volume = True
    aliases = ("cmf",)
    example = "money_flow(20) > 0.1"

    def __init__(self, chart: Chart, length: Length = 20) -> None:
        super().__init__()
        self._chart, self._length = chart, length
        self._flows: deque[float] = deque(maxlen=length)
        self._volumes: deque[int] = deque(maxlen=length)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        bar = self._chart.bar
        high, low, close, volume = bar.high, bar.low, bar.close, bar.volume
        self._flows.append(((close - low) - (high - close)) / (high - low) * volume if high > low else 0.0)
        volumes = self._volumes
        volumes.append(volume)
        if len(volumes) == self._length:
            total = sum(volumes)
            self.value = sum(self._flows) / total if total else nan
