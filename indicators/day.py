"""The day so far."""

from datetime import date
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator


class Day(Indicator):
    """The day so far: its `open`, `high` and `low`, and how far the close is `from_high` and `from_low`, in percent.

    Of the bars of `bar.session`, the current one included, in rupees. `from_high = 100 * (high - close) / high`, so 0
    is at the high of the day and 1 is one percent below it; `from_low = 100 * (close - low) / low`. It has no main
    number. Ready with the session's first bar, starts over when the session changes.
    """

    __slots__ = ("_chart", "_session", "from_high", "from_low", "high", "low", "open")
    outputs = ("open", "high", "low", "from_high", "from_low")
    is_number = False
    percents = ("from_high", "from_low")
    example = "day.from_high < 1"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._session: date | None = None
        self.open = self.high = self.low = self.from_high = self.from_low = nan

    def update(self) -> None:
        bar = self._chart.bar
        high, low, close = bar.high, bar.low, bar.close
        if bar.session != self._session:
            self._session = bar.session
            self.open, self.high, self.low = bar.open, high, low
        self.high = max(high, self.high)
        self.low = min(low, self.low)
        self.from_high = 100 * (self.high - close) / self.high if self.high else nan
        self.from_low = 100 * (close - self.low) / self.low if self.low else nan
