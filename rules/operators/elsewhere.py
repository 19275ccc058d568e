"""What another timeframe, another symbol or another output of an indicator says; and the time of the bar."""

from array import array
from bisect import bisect_right
from math import nan
from operator import attrgetter

from indicators.chart import Chart
from indicators.series import Series
from market.bar import MINUTE_MS

KEPT = 20_000
"""Values of another symbol that are kept: fifty days of minutes, for those that are warmed after it."""


class Output(Series):
    """One of the other numbers of an indicator."""

    __slots__ = ("_indicator", "_read")
    remembers = False

    def __init__(self, indicator: Series, name: str) -> None:
        super().__init__()
        self._indicator, self._read = indicator, attrgetter(name)

    def update(self) -> None:
        self.value = self._read(self._indicator)


class OnOther(Series):
    """A series of another timeframe, as of its last closed bar."""

    __slots__ = ("_source",)

    def __init__(self, source: Series) -> None:
        super().__init__()
        self._source = source

    def update(self) -> None:
        self.value = self._source.value


class Track:
    """What a series of one symbol was at the end of each bar, for the rules of others; it outlives a rebuild."""

    __slots__ = ("_ends", "_values")

    def __init__(self) -> None:
        self._ends = array("q")
        self._values = array("d")

    def clear(self) -> None:
        """Its symbol begins anew."""
        del self._ends[:], self._values[:]

    def take(self, other: "Track") -> None:
        """Hold what another one does."""
        self._ends[:], self._values[:] = other._ends, other._values  # noqa: SLF001 - its own kind

    def add(self, end_ms: int, value: float) -> None:
        """The next bar's, which ended at `end_ms`, epoch milliseconds UTC."""
        self._ends.append(end_ms)
        self._values.append(value)
        if len(self._ends) > 2 * KEPT:
            del self._ends[:KEPT], self._values[:KEPT]

    def at(self, ms: int) -> float:
        """The newest value at that time; nan before the first."""
        ends = self._ends
        if not ends:
            return nan
        if ends[-1] <= ms:  # nearly always
            return self._values[-1]
        position = bisect_right(ends, ms)
        return self._values[position - 1] if position else nan


class Tracked(Series):
    """Keeps a series on a track."""

    __slots__ = ("_chart", "_source", "_track")

    def __init__(self, chart: Chart, source: Series, track: Track) -> None:
        super().__init__()
        self._chart, self._source, self._track = chart, source, track

    def update(self) -> None:
        self._track.add(self._chart.bar.end_ms, self._source.value)


class OfOther(Series):
    """A series of another symbol, at the end of this one's bar."""

    __slots__ = ("_chart", "_track")
    remembers = False

    def __init__(self, chart: Chart, track: Track) -> None:
        super().__init__()
        self._chart, self._track = chart, track

    def update(self) -> None:
        self.value = self._track.at(self._chart.bar.end_ms)


class InSession(Series):
    """Whether the bar lies between two minutes of the exchange's day."""

    __slots__ = ("_chart", "_first", "_last")
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, chart: Chart, first_minute: int, last_minute: int) -> None:
        super().__init__()
        self._chart, self._first, self._last = chart, first_minute, last_minute

    def update(self) -> None:
        bar, hours = self._chart.bar, self._chart.hours
        begins = hours.minute_of_day(bar.start_ms)
        ends = begins + (bar.end_ms - bar.start_ms) // MINUTE_MS
        self.value = 1.0 if self._first <= begins and ends <= self._last else 0.0
