"""Pivot points."""

from datetime import date
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator
from indicators.previous_day import PreviousDay


class Pivot(Indicator):
    """Classic pivot points of the previous day: the pivot, resistances `r1` to `r3` and supports `s1` to `s3`.

    `p = (high + low + close) / 3` of the previous day, in rupees; `r1 = 2 * p - low`, `s1 = 2 * p - high`; the range,
    high - low, above and below p are `r2` and `s2`, twice the range `r3` and `s3`. The same all day. Ready with the
    second session's first bar.

    Source: TradingView's Pivot Points Standard, type Classic; its type Traditional has other third levels.
    """

    __slots__ = ("_chart", "_previous", "_session", "r1", "r2", "r3", "s1", "s2", "s3")
    outputs = ("r1", "r2", "r3", "s1", "s2", "s3")
    example = "close crosses above pivot.r1"

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart
        self._previous = chart.series("previous_day", lambda: PreviousDay(chart))
        self._session: date | None = None
        self.r1 = self.r2 = self.r3 = self.s1 = self.s2 = self.s3 = nan

    @property
    def settles_after(self) -> int:
        return self._previous.settles_after

    def update(self) -> None:
        session = self._chart.bar.session
        if session == self._session:
            return
        self._session = session
        high, low = self._previous.high, self._previous.low
        span = high - low
        self.value = pivot = (high + low + self._previous.close) / 3
        self.r1, self.r2, self.r3 = 2 * pivot - low, pivot + span, pivot + 2 * span
        self.s1, self.s2, self.s3 = 2 * pivot - high, pivot - span, pivot - 2 * span
