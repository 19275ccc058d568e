"""Volume against the same minutes of other days."""

from array import array
from collections import deque
from datetime import date
from math import nan
from typing import Annotated

from annotated_types import Interval

from indicators.chart import Chart
from indicators.indicator import Indicator
from market.bar import MINUTE_MS


class RelativeVolume(Indicator):
    """Relative volume: this bar's volume as a multiple of the average at the same time on the last days.

    The bar of a day at the same distance from the session's open counts with its volume; with 0 if there was none, for
    a minute without trades has no bar, though only between the day's first bar and its last: what lies outside is not
    known and left out. Ready after `days` sessions, today's not counted; nan where no day is known or the average is 0.

    Source: TradingView's Relative Volume at Time, regular mode, that is not cumulative.
    """

    __slots__ = ("_chart", "_days", "_open_ms", "_past", "_session", "_step_ms", "_today")
    needs_volume = True
    aliases = ("rvol",)
    example = "relative_volume(5) > 2"

    def __init__(self, chart: Chart, days: Annotated[int, Interval(ge=1, le=60)] = 5) -> None:
        super().__init__()
        self._chart, self._days = chart, days
        self._session: date | None = None
        self._open_ms = 0
        self._step_ms = chart.minutes * MINUTE_MS
        # A day's volumes by number of the bar in the session, nan before its first.
        self._today = array("d")
        self._past: deque[array[float]] = deque(maxlen=days)

    @property
    def settles_after(self) -> int:
        return self._days * self._chart.bars_a_day

    def update(self) -> None:
        bar = self._chart.bar
        if bar.session != self._session:
            self._begin()
        volume, today = bar.volume, self._today
        number = (bar.start_ms - self._open_ms) // self._step_ms
        self.value = nan
        if number < len(today):
            return  # outside the session, or not on its grid
        if number > len(today):
            today.extend([0.0 if today else nan] * (number - len(today)))
        today.append(volume)
        past = self._past
        if len(past) < self._days:
            return
        total, known = 0.0, 0
        for day in past:
            if number < len(day):
                then = day[number]
                if then == then:  # noqa: PLR0124 - not nan: known
                    total += then
                    known += 1
        if total:
            self.value = volume * known / total

    def _begin(self) -> None:
        """A session's first bar."""
        bar = self._chart.bar
        if self._today:
            self._past.append(self._today)
            self._today = array("d")
        self._session = bar.session
        session = self._chart.hours.at(bar.start_ms)
        self._open_ms = bar.start_ms if session is None else session.open_ms
