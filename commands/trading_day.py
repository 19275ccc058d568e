"""Today's phases of every class of instruments, in words; and how far the session table can be trusted."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from market.clock import IST
from market.hours import DAY_MS, Hours, Session
from market.instrument import Instrument, Kind
from market.sessions import SessionTable
from settings.schema import Settings

DAYS_AHEAD = 14
"""How far the next session is looked for; no market rests longer."""
_EPOCH = date(1970, 1, 1)


def watched_exchanges(settings: Settings) -> list[str]:
    """The exchanges that the universe names."""
    watched = settings.universe
    return sorted({watched.exchange, *(symbol.partition(":")[0] for symbol in watched.names)})


def todays_phases(settings: Settings, table: SessionTable, now_ms: int) -> Iterator[str]:
    """A line for each class of the watched exchanges, and for each stock that is listed today."""
    for exchange in watched_exchanges(settings):
        for hours in table.classes(exchange):
            yield f"{hours.title}: {_today(hours, now_ms)}"
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(IST).date()
    for listing in settings.listing:
        if listing.date == today:
            yield f"{listing.symbol}: {_today(_stock_hours(listing.symbol, table), now_ms)}"


def table_concerns(settings: Settings, table: SessionTable, now_ms: int) -> list[str]:
    """Why the table must not be trusted blindly, by the clock."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(IST).date()
    idle = [each for each in settings.listing if not _stock_hours(each.symbol, table).on(each.date)]
    return [
        *table.concerns(watched_exchanges(settings), today),
        *(f"{each.symbol}: nothing is listed on {each.date}, which is no day of trading" for each in idle),
    ]


def _stock_hours(symbol: str, table: SessionTable) -> Hours:
    return table.hours(Instrument(symbol, symbol.partition(":")[0], Kind.EQUITY))


def _today(hours: Hours, now_ms: int) -> str:
    day = _EPOCH + timedelta(days=hours.day(now_ms))
    row, sessions = hours.reason(day), hours.on(day)
    head = f"{day:%A %Y-%m-%d}{f' ({row.name})' if row else ''}"
    if sessions:
        unsure = "" if all(session.confirmed for session in sessions) else "; hours not confirmed: no signals"
        return f"{head}, {_phases(hours, sessions)}{unsure or _beyond(hours, day)}"
    closed = "closed"
    if row and not row.confirmed:
        closed = "a session whose hours are not known: no bars, no signals; [[special_day]] in config.toml adds them"
    return f"{head}, {closed}{_next(hours, now_ms)}"


def _phases(hours: Hours, sessions: Sequence[Session]) -> str:
    first, last = sessions[0], sessions[-1]
    if last.close_ms - first.open_ms == DAY_MS:
        return "trading all day"
    told = [f"pre-open from {_clock(hours, first.pre_open_ms)}"] if first.pre_open_ms < first.open_ms else []
    spans = [f"{_clock(hours, one.open_ms)} to {_clock(hours, one.close_ms)}" for one in sessions]
    told.append(f"trading {' and '.join(spans)}")
    if last.auction_end_ms:
        told.append(f"closing auction to {_clock(hours, last.auction_end_ms)}")
    starts, ends = last.post_close_ms
    if ends:
        told.append(f"post-close {_clock(hours, starts)} to {_clock(hours, ends)}")
    return ", ".join(told)


def _beyond(hours: Hours, day: date) -> str:
    ends = hours.calendar.ends_on
    return f"; unless it is a holiday: none is known after {ends}" if day > ends else ""


def _next(hours: Hours, now_ms: int) -> str:
    day = _EPOCH + timedelta(days=hours.day(now_ms))
    ahead = (hours.on(day + timedelta(days=number)) for number in range(1, DAYS_AHEAD + 1))
    following = next((sessions[0] for sessions in ahead if sessions), None)
    if following is None:
        return ""
    return f"; next on {following.date:%A %Y-%m-%d} at {_clock(hours, following.open_ms)}"


def _clock(hours: Hours, at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(hours.calendar.zone):%H:%M}"
