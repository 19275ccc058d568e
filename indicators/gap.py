"""Opening gap."""

from datetime import date
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator
from indicators.previous_day import PreviousDay


class Gap(Indicator):
    """Opening gap: today's first price against the previous day's last, in percent; above 0 for a gap up.

    `100 * (open - close) / close`, the same all day. Ready with the second session's first bar.
    """

    __slots__ = ("_chart", "_previous", "_session")
    unit = "%"
    example = "gap > 1%"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._previous = chart.series("previous_day", lambda: PreviousDay(chart))
        self._session: date | None = None

    @property
    def settles_after(self) -> int:
        return self._previous.settles_after

    def update(self) -> None:
        bar = self._chart.bar
        if bar.session != self._session:
            self._session = bar.session
            close = self._previous.close
            self.value = 100 * (bar.open - close) / close if close else nan
