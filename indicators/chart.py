"""One symbol on one timeframe: the bar at hand, and every series that is computed on its bars."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import TypeVar

from indicators.fields import FIELDS
from indicators.series import Series
from market.bar import Bar
from market.sessions import Hours

_Kind = TypeVar("_Kind", bound=Series)

_NO_BAR = Bar.__new__(Bar)
"""Stands for "no bar yet"; nothing reads it, for series are updated only once there is one."""


class Chart:
    """Takes the closed bars of one symbol and timeframe, and keeps each series of them once, whoever asks for it."""

    __slots__ = ("_known", "_order", "_rank_of", "_ranks", "bar", "before", "hours", "minutes", "seen", "tick_size")

    def __init__(self, minutes: int, tick_size: float, hours: Hours, ranks: Iterator[int] | None = None) -> None:
        """`ranks` numbers the series of all charts of a symbol in the order they were asked for."""
        self.minutes = minutes
        """Length of its bars."""
        self.tick_size = tick_size
        """Smallest price step, in rupees."""
        self.hours = hours
        """When its market trades."""
        self.bar = _NO_BAR
        """The newest bar, which every series is up to date with."""
        self.before: Bar | None = None
        """The bar before it."""
        self.seen = 0
        """Bars taken."""
        self._known: dict[str, Series] = {}
        self._order: list[Series] = []
        self._rank_of: list[int] = []
        self._ranks = ranks or count()

    def take(self, bar: Bar) -> None:
        """Take the next closed bar; bars come in order of time."""
        if self.seen:  # as `turn_to` does; this is hot
            self.before = self.bar
        self.bar = bar
        self.seen += 1
        for series in self._order:
            series.update()

    def turn_to(self, bar: Bar) -> None:
        """Have the next closed bar at hand; its series are still those of the one before."""
        if self.seen:
            self.before = self.bar
        self.bar = bar
        self.seen += 1

    def series(self, key: str, make: Callable[[], _Kind]) -> _Kind:
        """The series of that key, made now if it is the first to ask; what it reads must have been asked for before.

        A key names one computation: as a rule writes it, `ema(close, 9)`.
        """
        known = self._known.get(key)
        if known is None:
            made = make()
            known = self._known.setdefault(key, made)  # it may have asked for itself, as a field does
            if len(self._order) < len(self._known):
                self._order.append(known)
                self._rank_of.append(next(self._ranks))
        return known  # type: ignore[return-value] # a key names one computation, so one class

    def ranked(self) -> Iterable[tuple[int, Series]]:
        """Its series, each with its rank."""
        return zip(self._rank_of, self._order, strict=True)

    def find(self, key: str) -> Series | None:
        """The series of that key, if anything has asked for it."""
        return self._known.get(key)

    def items(self) -> Iterable[tuple[str, Series]]:
        """Its series by key, in the order they were asked for."""
        return self._known.items()

    def clear(self) -> None:
        """It is not needed any more: let go of its series, which hold it in turn."""
        self._known.clear()
        self._order.clear()
        self._rank_of.clear()

    def field(self, name: str) -> Series:
        """The series of a bar's own number, one of `FIELDS`: `close`, `volume`, `hl2`."""
        return self.series(name, lambda: FIELDS[name](self))

    @property
    def open(self) -> Series:
        return self.field("open")

    @property
    def high(self) -> Series:
        return self.field("high")

    @property
    def low(self) -> Series:
        return self.field("low")

    @property
    def close(self) -> Series:
        return self.field("close")

    @property
    def volume(self) -> Series:
        return self.field("volume")

    @property
    def bars_a_day(self) -> int:
        """Bars of an ordinary day."""
        return max(1, -(-self.hours.minutes_a_day // self.minutes))
