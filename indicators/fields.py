"""A bar's own numbers as series."""

from collections.abc import Callable, Mapping
from math import nan
from typing import TYPE_CHECKING

from indicators.series import Series

if TYPE_CHECKING:
    from indicators.chart import Chart


class Field(Series):
    """Reads the bar at hand."""

    __slots__ = ("_chart",)
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, chart: "Chart") -> None:
        super().__init__()
        self._chart = chart


class BarBefore(Series):
    """A field of the bar before the one at hand; not known on the first bar."""

    __slots__ = ("_chart", "_name")
    remembers = False
    is_strict = True

    def __init__(self, chart: "Chart", name: str) -> None:
        super().__init__()
        self._chart, self._name = chart, name

    def update(self) -> None:
        before = self._chart.before
        self.value = nan if before is None else getattr(before, self._name)


class Open(Field):
    """First price of the bar, in rupees."""

    __slots__ = ()

    def update(self) -> None:
        self.value = self._chart.bar.open


class High(Field):
    """Highest price of the bar, in rupees."""

    __slots__ = ()

    def update(self) -> None:
        self.value = self._chart.bar.high


class Low(Field):
    """Lowest price of the bar, in rupees."""

    __slots__ = ()

    def update(self) -> None:
        self.value = self._chart.bar.low


class Close(Field):
    """Last price of the bar, in rupees."""

    __slots__ = ()

    def update(self) -> None:
        self.value = self._chart.bar.close


class Volume(Field):
    """Units traded within the bar."""

    __slots__ = ()

    def update(self) -> None:
        self.value = self._chart.bar.volume


class Hl2(Field):
    """`(high + low) / 2`."""

    __slots__ = ()

    def update(self) -> None:
        bar = self._chart.bar
        self.value = (bar.high + bar.low) / 2


class Hlc3(Field):
    """`(high + low + close) / 3`."""

    __slots__ = ()

    def update(self) -> None:
        bar = self._chart.bar
        self.value = (bar.high + bar.low + bar.close) / 3


class Ohlc4(Field):
    """`(open + high + low + close) / 4`."""

    __slots__ = ()

    def update(self) -> None:
        bar = self._chart.bar
        self.value = (bar.open + bar.high + bar.low + bar.close) / 4


class Atp(Field):
    """The exchange's average traded price of the day so far, in rupees; not known in replays of bars."""

    __slots__ = ()
    is_certain = False

    def update(self) -> None:
        self.value = self._chart.bar.atp


class Time(Field):
    """When the bar began: minutes since midnight of the exchange's day, so `time >= 09:30`."""

    __slots__ = ()

    def update(self) -> None:
        chart = self._chart
        self.value = chart.hours.minute_of_day(chart.bar.start_ms)


FIELDS: Mapping[str, Callable[["Chart"], Field]] = {
    "open": Open,
    "high": High,
    "low": Low,
    "close": Close,
    "volume": Volume,
    "hl2": Hl2,
    "hlc3": Hlc3,
    "ohlc4": Ohlc4,
    "atp": Atp,
    "time": Time,
}
"""By the name that rules use."""
PLAIN = frozenset({"open", "high", "low", "close", "volume"})
"""Those that a bar itself has under that name."""
