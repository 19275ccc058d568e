"""The day before."""

from datetime import date
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator


class PreviousDay(Indicator):
    """The trading day before: its `open`, `high`, `low` and `close`; by itself, its close.

    Of the bars of the last session before `bar.session` that had any, in rupees. The close is that of its last bar, not
    the average by which an exchange settles the day. Ready with the second session's first bar.
    """

    __slots__ = (
        "_chart",
        "_day_close",
        "_day_high",
        "_day_low",
        "_day_open",
        "_session",
        "close",
        "high",
        "low",
        "open",
    )
    outputs = ("open", "high", "low", "close")
    example = "close > previous_day.high"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._session: date | None = None
        self._day_open = self._day_high = self._day_low = self._day_close = nan
        self.open = self.high = self.low = self.close = nan

    @property
    def settles_after(self) -> int:
        return self._chart.bars_a_day

    def update(self) -> None:
        bar = self._chart.bar
        if bar.session != self._session:
            self._session = bar.session
            self.open, self.high, self.low = self._day_open, self._day_high, self._day_low
            self.value = self.close = self._day_close
            self._day_open, self._day_high, self._day_low = bar.open, bar.high, bar.low
        self._day_high = max(bar.high, self._day_high)
        self._day_low = min(bar.low, self._day_low)
        self._day_close = bar.close
