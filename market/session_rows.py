"""The rows of market/calendar/*.toml: hours of a class, and the days that differ. Read once, checked row by row."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from errors import SettingsError

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class HoursRow:
    """The ordinary day of some classes since a date; times of the exchange's zone.

    A close at or before the open is one of the next day.
    """

    since: date
    open: time
    close: time
    source: str
    classes: Sequence[str]
    exchanges: Sequence[str] = ()
    """Empty: all of the file."""
    pre_open: time | None = None
    close_in_us_winter: time | None = None
    """The close while New York keeps standard time."""
    auction_end: time | None = None
    """A closing auction runs from the close to here."""
    post_close: Sequence[time] = ()
    """Start and end of trading at the closing price."""


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day that is not ordinary: closed, with other hours, or a session where the weekday alone would say closed."""

    date: date
    name: str
    source: str
    exchanges: Sequence[str] = ()
    """Empty: all of the file."""
    classes: Sequence[str] = ()
    """Empty: all; a class that is left out has its ordinary day."""
    open: time | None = None
    """None: the ordinary open."""
    close: time | None = None
    """None: the ordinary close."""
    pre_open: time | None = None
    confirmed: bool = True
    """False: no signals."""
    closed: bool = False

    def concerns(self, exchange: str, session_class: str) -> bool:
        """Whether it is one of this class's days."""
        return exchange in self.exchanges and (not self.classes or session_class in self.classes)


@dataclass(frozen=True, slots=True)
class ListingRow:
    """The day a stock is listed: the special pre-open session, and the open after it."""

    pre_open: time
    open: time
    source: str


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class of instruments that keep the same hours."""

    name: str
    title: str
    """For people: `stocks with derivatives`."""
    underlyings: Sequence[str] = ()
    """Whose futures and options are of this class."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One file: some exchanges that share their holidays."""

    name: str
    """Its file's name."""
    exchanges: Sequence[str]
    reviewed_on: date
    zone: ZoneInfo
    classes: Sequence[ClassRow]
    hours: Sequence[HoursRow]
    days: Sequence[DayRow]
    listing: ListingRow | None
    begins_on: date
    ends_on: date
    """Outside of these the holidays are not known."""
    weekends: bool
    """Whether Saturday and Sunday are ordinary days."""


def read_calendar(path: Path) -> Calendar:
    """Read one file. Raises: SettingsError, naming the file and the row at fault."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
        return _Reader(path.name, table).calendar()
    except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise SettingsError([f"{path.name}: not a session table: {error}"]) from error


class _Reader:
    def __init__(self, name: str, table: dict[str, Any]) -> None:
        self._name, self._table = name, table
        self._exchanges: list[str] = table["exchanges"]
        self._sources: dict[str, str] = table["sources"]

    def calendar(self) -> Calendar:
        table, days = self._table, self._table.get("days", {})
        classes = self._rows(ClassRow, table["class"])
        hours = self._rows(HoursRow, table["hours"])
        found = [
            *self._rows(DayRow, days.get("sessions", ())),
            *self._rows(DayRow, days.get("unknown_hours", ()), closed=True, confirmed=False),
            *self._rows(DayRow, days.get("closed", ()), closed=True),
        ]
        known = {row.name for row in classes}, set(self._exchanges)
        for row in hours:
            self._check_names(row, *known)
        for day in found:
            self._check_names(day, *known)
        zone = ZoneInfo(table["zone"])
        if _offset(zone, 1) != _offset(zone, 7):
            raise ValueError(f"zone {table['zone']} has daylight saving time")
        return Calendar(
            self._name, self._exchanges, table["reviewed_on"], zone, classes, hours, found,
            self._row(ListingRow, table["listing"]) if "listing" in table else None,
            table.get("begins_on", date.min), table.get("ends_on", date.max), bool(table.get("weekends")),
        )  # fmt: skip

    @staticmethod
    def _check_names(row: HoursRow | DayRow, classes: set[str], exchanges: set[str]) -> None:
        if unknown := (set(row.classes) - classes) | (set(row.exchanges) - exchanges):
            raise ValueError(f"a row with source {row.source!r} is of an unknown {', '.join(sorted(unknown))}")

    def _rows(self, kind: type[R], rows: Iterable[Mapping[str, Any]], **same: Any) -> list[R]:
        return [self._row(kind, {**row, **same}) for row in rows]

    def _row(self, kind: type[R], row: Mapping[str, Any]) -> R:
        """A row with its source in words. Raises: ValueError for a key or source that is not known."""
        known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
        shown = row.get("date") or row.get("since") or row.get("name")
        if unknown := row.keys() - known:
            raise ValueError(f"{shown}: unknown key {', '.join(sorted(unknown))}")
        told = dict(row)
        if "exchanges" in known and not told.get("exchanges"):
            told["exchanges"] = self._exchanges
        if "source" in known:
            if told.get("source") not in self._sources:
                raise ValueError(f"{shown}: its source is not one of [sources]")
            told["source"] = self._sources[told["source"]]
        return kind(**told)


def _offset(zone: ZoneInfo, month: int) -> timedelta | None:
    return datetime(2026, month, 1, tzinfo=zone).utcoffset()
