"""Session volume-weighted average price."""

from datetime import date
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator


class Vwap(Indicator):
    """Volume-weighted average price of the session, in rupees.

    `sum(hlc3 * volume) / sum(volume)`, hlc3 = (high + low + close) / 3, over the 1-minute bars of `bar.session` on
    every timeframe, starting over when the session changes. Ready from the session's first bar that has volume.

    Source: TradingView's built-in `ta.vwap`, source hlc3, anchored to the session.
    """

    __slots__ = ("_chart", "_session", "_turnover", "_volume")
    needs_volume = True
    of_minutes = True
    example = "close > vwap"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._session: date | None = None
        self._turnover = 0.0
        self._volume = 0

    def update(self) -> None:
        bar = self._chart.bar
        if bar.session != self._session:
            self._session, self._turnover, self._volume = bar.session, 0.0, 0
        self._turnover += (bar.high + bar.low + bar.close) / 3 * bar.volume
        self._volume += bar.volume
        self.value = self._turnover / self._volume if self._volume else nan
