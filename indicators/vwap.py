"""Session volume-weighted average price."""

from datetime import date
from math import nan

from indicators.indicator import Indicator
from market.bar import Bar


class Vwap(Indicator):
    """Volume-weighted average price of the session, in rupees.

    `sum(hlc3 * volume) / sum(volume)`, hlc3 = (high + low + close) / 3, over the bars of `bar.session`, starting over
    when the session changes. Ready from the session's first bar that has volume.

    Source: TradingView's built-in `ta.vwap`, source hlc3, anchored to the session.
    """

    __slots__ = ("_session", "_turnover", "_volume")

    def __init__(self) -> None:
        super().__init__("vwap", "vwap")
        self._session: date | None = None
        self._turnover = 0.0
        self._volume = 0

    def update(self, bar: Bar) -> None:
        if bar.session != self._session:
            self._session, self._turnover, self._volume = bar.session, 0.0, 0
        self._turnover += (bar.high + bar.low + bar.close) / 3 * bar.volume
        self._volume += bar.volume
        self.ready = self._volume > 0
        self.value = self._turnover / self._volume if self.ready else nan
