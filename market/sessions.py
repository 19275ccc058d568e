"""Trading sessions: dated rows read from market/calendar/, never weekday logic alone."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path

from errors import SettingsError
from market.hours import DAY_MS, IST_OFFSET_MS, SATURDAY, Hours, Phase, Session
from market.instrument import Instrument, Kind
from market.session_rows import Calendar, DayRow, ListingRow, read_calendar

__all__ = ["DAY_MS", "IST_OFFSET_MS", "AddedDay", "AddedListing", "Hours", "Phase", "Session", "SessionTable"]

FOLDER = Path(__file__).with_name("calendar")
REVIEW_DAYS = 90
"""A table reviewed longer ago may lack what was announced since."""
FEWEST_HOLIDAYS = 3
"""A market rests every few weeks: a table that knows fewer to come is about to be wrong."""
END_DAYS = 30


@dataclass(frozen=True, slots=True)
class AddedDay:
    """A day the user adds or corrects; it replaces what the table says of these exchanges on that day."""

    date: date
    exchanges: tuple[str, ...]
    name: str
    open: time | None = None
    """None, as `close`: closed all day. A close at or before the open is one of the next day."""
    close: time | None = None


@dataclass(frozen=True, slots=True)
class AddedListing:
    """A stock that is listed, or listed anew, on a day: it begins with a longer pre-open session."""

    symbol: str
    date: date


class SessionTable:
    """Every class's hours."""

    def __init__(
        self,
        added: Sequence[AddedDay] = (),
        listings: Sequence[AddedListing] = (),
        folder: Path = FOLDER,
        *,
        auction_in_first_bar: bool = False,
    ) -> None:
        """Read the table, with what the user adds; `auction_in_first_bar` as in `Hours`.

        Raises: SettingsError for a file that is no session table.
        """
        self._auction_in_first_bar = auction_in_first_bar
        self._added = added
        self._listings: dict[str, list[date]] = {}
        for one in listings:
            self._listings.setdefault(one.symbol, []).append(one.date)
        self._calendars = [read_calendar(path) for path in sorted(folder.glob("*.toml"))]
        self._hours: dict[tuple[str, str], Hours] = {}
        self._class_of: dict[tuple[str, str], str] = {}
        for calendar in self._calendars:
            for exchange in calendar.exchanges:
                self._add(calendar, exchange)

    def hours(self, instrument: Instrument) -> Hours:
        """The hours an instrument trades. Raises: SettingsError for a class the table lacks."""
        name = session_class(instrument)
        if name == "DERIVATIVE":
            name = self._class_of.get((instrument.exchange, _root(instrument)), name)
        try:
            hours = self._hours[instrument.exchange, name]
        except KeyError:
            raise SettingsError(
                [f"{instrument.symbol}: market/calendar has no hours for {instrument.exchange} {name}"]
            ) from None
        dates = self._listings.get(instrument.symbol)
        return _with_listing(hours, dates) if dates else hours

    def classes(self, exchange: str) -> list[Hours]:
        """The hours of each class of an exchange."""
        return [hours for (known, _), hours in self._hours.items() if known == exchange]

    def concerns(self, exchanges: Collection[str], today: date) -> Iterator[str]:
        """What a trader must know of the table's age before he trusts it, for the exchanges he watches."""
        for calendar in self._calendars:
            if set(calendar.exchanges) & set(exchanges):
                yield from self._concerns(calendar, today)

    def _concerns(self, calendar: Calendar, today: date) -> Iterator[str]:
        names = " and ".join(calendar.exchanges)
        age = (today - calendar.reviewed_on).days
        if age > REVIEW_DAYS:
            yield (
                f"{names}: holidays and hours were last reviewed on {calendar.reviewed_on}, {age} days ago;"
                " a newer version may know more, and [[special_day]] in config.toml adds a day"
            )
        if calendar.ends_on == date.max:
            return  # it never closes
        left = (calendar.ends_on - today).days
        if left < 0:
            yield f"{names}: no holiday is known after {calendar.ends_on}: every weekday counts as a trading day"
            return
        special = {row.date for row in calendar.days}
        special |= {day.date for day in self._added if set(day.exchanges) & set(calendar.exchanges)}
        ahead = sum(today < day <= calendar.ends_on and day.weekday() < SATURDAY for day in special)
        if left <= END_DAYS:
            yield f"{names}: no holiday is known after {calendar.ends_on}, in {left} days"
        elif ahead < FEWEST_HOLIDAYS:
            yield f"{names}: only {ahead} more holidays are known, and none after {calendar.ends_on}"

    def _add(self, calendar: Calendar, exchange: str) -> None:
        added: dict[date, tuple[DayRow, ...]] = {
            day.date: (DayRow(day.date, day.name, "config.toml", open=day.open, close=day.close, closed=not day.open),)
            for day in self._added
            if exchange in day.exchanges
        }
        for kept in calendar.classes:
            rows = [row for row in calendar.hours if exchange in row.exchanges and kept.name in row.classes]
            days: dict[date, tuple[DayRow, ...]] = {}
            for row in calendar.days:
                if row.concerns(exchange, kept.name):
                    days[row.date] = (*days.get(row.date, ()), row)
            self._hours[exchange, kept.name] = Hours(
                calendar,
                f"{exchange} {kept.title}",
                rows,
                days | added,
                auction_in_first_bar=self._auction_in_first_bar,
            )
            self._class_of |= {(exchange, underlying): kept.name for underlying in kept.underlyings}


def session_class(instrument: Instrument) -> str:
    """The class of hours an instrument keeps: `EQUITY`, `EQUITY_FNO` or `DERIVATIVE`."""
    if instrument.kind in {Kind.FUTURE, Kind.OPTION}:
        return "DERIVATIVE"
    return "EQUITY_FNO" if instrument.has_derivatives and instrument.kind is Kind.EQUITY else "EQUITY"


def _with_listing(hours: Hours, dates: Sequence[date]) -> Hours:
    listing = hours.calendar.listing
    if listing is None:
        raise SettingsError([f"{hours.title}: market/calendar has no session for the day of a listing"])
    days = {day: hours.special_rows(day) or (DayRow(day, "", listing.source),) for day in dates if hours.on(day)}
    return hours.with_days({day: _opened_later(rows, listing) for day, rows in days.items()})


def _opened_later(rows: Sequence[DayRow], listing: ListingRow) -> tuple[DayRow, ...]:
    """The rows of a day of trading for a stock that is listed on it; what ends before it begins is left out."""
    at = listing.open
    return tuple(
        row if row.open and row.open >= at
        else replace(row, name=f"{row.name}, listing".lstrip(", "), open=at, pre_open=listing.pre_open)
        for row in rows
        if not (row.close and (row.open or time()) < row.close <= at)
    )  # fmt: skip


def _root(instrument: Instrument) -> str:
    """Name of what a contract is on: `USDINR`, `MENTHAOIL`."""
    name = (instrument.underlying or instrument.symbol).partition(":")[2]
    return name.partition("-")[0].partition(" ")[0]
