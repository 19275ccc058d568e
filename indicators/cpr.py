"""Central pivot range."""

from datetime import date
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator
from indicators.previous_day import PreviousDay


class Cpr(Indicator):
    """Central pivot range of the previous day (CPR): the pivot, and the range's `top`, `bottom` and `width`.

    The pivot is `(high + low + close) / 3` of the previous day, in rupees. The range reaches from `(high + low) / 2` to
    as far on the pivot's other side; `top` is the higher of the two. `width` is their distance in percent of the pivot:
    a narrow one promises a day with a trend. The same all day. Ready with the second session's first bar.

    Source: Frank Ochoa, Secrets of a Pivot Boss (2010).
    """

    __slots__ = ("_chart", "_previous", "_session", "bottom", "top", "width")
    outputs = ("top", "bottom", "width")
    percents = ("width",)
    example = "close > cpr.top and cpr.width < 0.5"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._previous = chart.series("previous_day", lambda: PreviousDay(chart))
        self._session: date | None = None
        self.top = self.bottom = self.width = nan

    @property
    def settles_after(self) -> int:
        return self._previous.settles_after

    def update(self) -> None:
        session = self._chart.bar.session
        if session == self._session:
            return
        self._session = session
        high, low = self._previous.high, self._previous.low
        self.value = pivot = (high + low + self._previous.close) / 3
        reach = abs(pivot - (high + low) / 2)
        self.top, self.bottom = pivot + reach, pivot - reach
        self.width = 200 * reach / pivot if pivot else nan
