"""Opening range."""

from datetime import date
from math import nan
from typing import Annotated

from annotated_types import Interval

from indicators.chart import Chart
from indicators.indicator import Indicator
from market.bar import MINUTE_MS


class OpeningRange(Indicator):
    """Opening range: the `high` and `low` of the session's first minutes; by itself, high - low, in rupees.

    Of the bars that begin within `minutes` of the open by the exchange's calendar. Ready when the last of them is over,
    for the rest of the session; never in a session without a bar in these minutes. Starts over when the session
    changes.

    Source: Toby Crabel, Day Trading with Short Term Price Patterns and Opening Range Breakout (1990).
    """

    __slots__ = ("_chart", "_day_high", "_day_low", "_minutes", "_session", "_until_ms", "high", "low")
    outputs = ("high", "low")
    example = "close crosses above opening_range(15).high"

    def __init__(self, chart: Chart, minutes: Annotated[int, Interval(ge=1, le=1440)] = 15) -> None:
        super().__init__()
        self._chart, self._minutes = chart, minutes
        self._session: date | None = None
        self._until_ms = 0
        self._day_high = self._day_low = nan
        self.high = self.low = nan

    def update(self) -> None:
        bar = self._chart.bar
        if bar.session != self._session:
            self._begin()
        if bar.start_ms < self._until_ms:
            # A nan that is compared is never the larger nor the smaller.
            self._day_high = max(bar.high, self._day_high)
            self._day_low = min(bar.low, self._day_low)
            if bar.end_ms < self._until_ms:
                return
        elif self.value == self.value:  # not nan: known already
            return
        self.high, self.low = self._day_high, self._day_low
        self.value = self.high - self.low

    def _begin(self) -> None:
        """A session's first bar."""
        bar = self._chart.bar
        self._session = bar.session
        session = self._chart.hours.at(bar.start_ms)
        self._until_ms = 0 if session is None else session.open_ms + self._minutes * MINUTE_MS
        self._day_high = self._day_low = nan
        self.value = self.high = self.low = nan
