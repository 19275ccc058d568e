"""Trading sessions: dated rows read from sessions.toml, never weekday logic alone."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from errors import SettingsError
from market.clock import IST
from market.instrument import Instrument, Kind

TABLE = Path(__file__).with_name("sessions.toml")

DAY_MS = 86_400_000
IST_OFFSET_MS = 19_800_000
"""India has kept UTC+5:30 without daylight saving since 1945, so its day number is plain arithmetic."""

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day of one class of instruments; times epoch milliseconds UTC."""

    date: date
    pre_open_ms: int
    open_ms: int
    """Start of the continuous phase: the only phase whose trades make bars and signals."""
    close_ms: int
    """End (exclusive) of the continuous phase."""


@dataclass(frozen=True, slots=True)
class _Row:
    since: date
    pre_open: time
    open: time
    close: time


class Hours:
    """The sessions of one class of instruments; shared by all its symbols."""

    def __init__(self, rows: list[_Row], days: dict[date, dict[str, Any]]) -> None:
        self._rows = sorted(rows, key=lambda row: row.since)
        self._days = days
        self._known: dict[int, Session | None] = {}

    def at(self, at_ms: int) -> Session | None:
        """The session of the exchange's calendar day that `at_ms` falls on; None on a day without one."""
        day = (at_ms + IST_OFFSET_MS) // DAY_MS
        try:
            return self._known[day]
        except KeyError:
            return self._known.setdefault(day, self._on(date(1970, 1, 1) + timedelta(days=day)))

    def continuous(self, at_ms: int) -> bool:
        """Whether `at_ms` lies in a continuous phase."""
        session = self.at(at_ms)
        return session is not None and session.open_ms <= at_ms < session.close_ms

    def _on(self, day: date) -> Session | None:
        row = next((row for row in reversed(self._rows) if row.since <= day), None)
        special = self._days.get(day)
        if row is None or (special is None and day.weekday() >= SATURDAY):
            return None
        if special is None:
            return Session(day, _ms(day, row.pre_open), _ms(day, row.open), _ms(day, row.close))
        if "open" not in special:
            return None
        closes = special["close"]
        if special["open"] < row.close:  # not in the evening: it stops no later than on other days
            closes = min(closes, row.close)
        opens = _ms(day, special["open"])
        return Session(day, opens - (_ms(day, row.open) - _ms(day, row.pre_open)), opens, _ms(day, closes))


class SessionTable:
    """Every class's hours."""

    def __init__(self, path: Path = TABLE) -> None:
        """Read the table. Raises: SettingsError when the file is not one."""
        try:
            with path.open("rb") as file:
                table = tomllib.load(file)
            self._hours = _by_class(table)
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise SettingsError([f"{path.name}: not a session table: {error!r}"]) from error

    def hours(self, instrument: Instrument) -> Hours:
        """The hours an instrument trades. Raises: SettingsError for a class the table lacks."""
        name = session_class(instrument)
        try:
            return self._hours[instrument.exchange, name]
        except KeyError:
            raise SettingsError(
                [f"{instrument.symbol}: sessions.toml has no hours for {instrument.exchange} {name}"]
            ) from None


def session_class(instrument: Instrument) -> str:
    """The class of hours an instrument keeps: `EQUITY`, `EQUITY_FNO` or `DERIVATIVE`."""
    if instrument.kind in {Kind.FUTURE, Kind.OPTION}:
        return "DERIVATIVE"
    return "EQUITY_FNO" if instrument.has_derivatives and instrument.kind is Kind.EQUITY else "EQUITY"


def _by_class(table: dict[str, Any]) -> dict[tuple[str, str], Hours]:
    rows: dict[tuple[str, str], list[_Row]] = {}
    for row in table["hours"]:
        kept = rows.setdefault((row["exchange"], row["class"]), [])
        kept.append(_Row(row["since"], row["pre_open"], row["open"], row["close"]))
    days: dict[str, dict[date, dict[str, Any]]] = {}
    for day in table["day"]:
        for exchange in day["exchanges"]:
            days.setdefault(exchange, {})[day["date"]] = day
    return {(exchange, name): Hours(kept, days.get(exchange, {})) for (exchange, name), kept in rows.items()}


def _ms(day: date, at: time) -> int:
    return int(datetime.combine(day, at, IST).astimezone(UTC).timestamp()) * 1000
