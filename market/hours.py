"""The sessions of one class of instruments: which day has one, and its phases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from market.bar import MINUTE_MS
from market.session_rows import Calendar, DayRow, HoursRow

DAY_MS = 86_400_000
MINUTES_A_DAY = 1440
IST_OFFSET_MS = 19_800_000
"""India has kept UTC+5:30 without daylight saving since 1945, so its day number is plain arithmetic."""

SATURDAY = 5
NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = date(1970, 1, 1)
_MIDNIGHT, _NOON = time(), time(12)


class Phase(StrEnum):
    """What a market does; only the trades of the continuous phase make bars and signals."""

    CLOSED = "closed"
    PRE_OPEN = "pre-open"
    CONTINUOUS = "continuous"
    CLOSING_AUCTION = "closing auction"
    POST_CLOSE = "post-close"


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of trading of one class of instruments, nearly always the whole day's; epoch milliseconds UTC."""

    date: date
    """The trading date: the day it opens on, also past midnight."""
    pre_open_ms: int
    open_ms: int
    """Start of the continuous phase: the only phase whose trades make bars and signals."""
    close_ms: int
    """End (exclusive) of the continuous phase."""
    auction_end_ms: int = 0
    """End of the closing auction, which begins at the close; 0 where there is none."""
    post_close_ms: tuple[int, int] = (0, 0)
    """Start and end of trading at the closing price; zeros where there is none."""
    confirmed: bool = True
    """False: its hours are only presumed, and no signal may come of it."""
    name: str = ""
    """Why it is not ordinary: `Muhurat`; empty for an ordinary day."""

    @property
    def end_ms(self) -> int:
        """End of the last phase."""
        return max(self.close_ms, self.auction_end_ms, self.post_close_ms[1])

    def phase(self, at_ms: int) -> Phase:
        """The phase at a time."""
        if not self.pre_open_ms <= at_ms < self.end_ms:
            return Phase.CLOSED
        if at_ms < self.open_ms:
            return Phase.PRE_OPEN
        if at_ms < self.close_ms:
            return Phase.CONTINUOUS
        if at_ms < self.auction_end_ms:
            return Phase.CLOSING_AUCTION
        return Phase.POST_CLOSE if at_ms >= self.post_close_ms[0] else Phase.CLOSED

    def takes_entries(self, until_ms: int, last_minutes: int) -> bool:
        """Whether a signal may begin on a bar that ends at `until_ms`: never in the last minutes before the close."""
        return self.confirmed and until_ms <= self.close_ms - last_minutes * MINUTE_MS


class Hours:
    """The sessions of one class of instruments; shared by all its symbols."""

    def __init__(
        self,
        calendar: Calendar,
        title: str,
        rows: Sequence[HoursRow],
        days: Mapping[date, Sequence[DayRow]],
        *,
        auction_in_first_bar: bool = False,
    ) -> None:
        self.calendar = calendar
        self.title = title
        """The class for people, `NSE stocks with derivatives`."""
        self.auction_in_first_bar = auction_in_first_bar
        """Whether the volume of the auction before the open counts as the first bar's; its price never does."""
        self._rows = sorted(rows, key=lambda row: row.since)
        self._days = days
        offset = datetime(2026, 1, 1, tzinfo=calendar.zone).utcoffset()
        assert offset is not None
        self._offset_ms = int(offset.total_seconds()) * 1000
        self._known: dict[int, tuple[tuple[int, Session], ...]] = {}
        """By day number: the sessions that a time of this day may belong to, each with its end."""

    def day(self, at_ms: int) -> int:
        """Number of the calendar day in the exchange's zone, from 1 January 1970."""
        return (at_ms + self._offset_ms) // DAY_MS

    def minute_of_day(self, at_ms: int) -> int:
        """Minutes since midnight in the exchange's zone."""
        return (at_ms + self._offset_ms) % DAY_MS // MINUTE_MS

    @property
    def minutes_a_day(self) -> int:
        """Length of the continuous phase on an ordinary day, by the newest hours."""
        newest = self._rows[-1]
        opens, closes = (60 * at.hour + at.minute for at in (newest.open, newest.close))
        return (closes - opens) % MINUTES_A_DAY or MINUTES_A_DAY

    def at(self, at_ms: int) -> Session | None:
        """The session that a time of the exchange's calendar day belongs to; None on a day without one.

        On a day of several it is the one under way or to come, after the last the last. A session that crosses midnight
        is told until it ends.
        """
        day = (at_ms + self._offset_ms) // DAY_MS
        sessions = self._known.get(day)
        if sessions is None:
            sessions = self._known.setdefault(day, self._touching(_EPOCH + timedelta(days=day)))
        for end_ms, session in sessions:
            if at_ms < end_ms:
                return session
        return sessions[-1][1] if sessions else None

    def on(self, day: date) -> tuple[Session, ...]:
        """The sessions of a trading date, in order."""
        row = next((row for row in reversed(self._rows) if row.since <= day), None)
        special = self._days.get(day)
        if row is None or (special is None and not self.calendar.weekends and day.weekday() >= SATURDAY):
            return ()
        sessions = [self._session(day, row, each) for each in special or (None,)]
        return tuple(sorted((one for one in sessions if one), key=lambda one: one.open_ms))

    def with_days(self, days: Mapping[date, Sequence[DayRow]]) -> "Hours":
        """The same hours with some days replaced."""
        every = {**self._days, **days}
        return Hours(self.calendar, self.title, self._rows, every, auction_in_first_bar=self.auction_in_first_bar)

    def reason(self, day: date) -> DayRow | None:
        """The row that makes a day a special one."""
        return next(iter(self.special_rows(day)), None)

    def special_rows(self, day: date) -> Sequence[DayRow]:
        """The rows that make a day a special one; none for an ordinary day."""
        return self._days.get(day, ())

    def continuous(self, at_ms: int) -> bool:
        """Whether `at_ms` lies in a continuous phase."""
        session = self.at(at_ms)
        return session is not None and session.open_ms <= at_ms < session.close_ms

    def phase(self, at_ms: int) -> Phase:
        """The phase at a time."""
        session = self.at(at_ms)
        return Phase.CLOSED if session is None else session.phase(at_ms)

    def _touching(self, day: date) -> tuple[tuple[int, Session], ...]:
        midnight = self._ms(day, _MIDNIGHT)
        sessions = (*self.on(day - timedelta(days=1)), *self.on(day))
        return tuple((one.end_ms, one) for one in sessions if one.end_ms > midnight)

    def _session(self, day: date, row: HoursRow, special: DayRow | None) -> Session | None:
        if special is not None and special.closed:
            return None
        opens = self._ms(day, row.open)
        closes = ordinarily_closes = self._ms(day, _close(day, row), after=opens)
        lead = opens - self._ms(day, row.pre_open or row.open)
        ends_as_ever, confirmed, name = True, True, ""
        if special is not None:
            confirmed, name = special.confirmed, special.name
            if special.open:
                opens = self._ms(day, special.open)
            if special.close:
                closes = self._ms(day, special.close, after=opens)
                ends_as_ever = False
            elif special.open:
                lead = 0  # it only opens late
            if special.pre_open:
                lead = opens - self._ms(day, special.pre_open)
            if row.auction_end and opens < ordinarily_closes <= closes:
                closes, ends_as_ever = ordinarily_closes, True  # the rest is the auction, as on other days
        if opens >= closes:
            return None  # it opens late, when this class has closed
        session = Session(day, opens - lead, opens, closes, confirmed=confirmed, name=name)
        if not ends_as_ever:
            return session
        auction_end = self._ms(day, row.auction_end) if row.auction_end else 0
        first, last = (self._ms(day, at) for at in row.post_close) if row.post_close else (0, 0)
        return replace(session, auction_end_ms=auction_end, post_close_ms=(first, last))

    def _ms(self, day: date, at: time, after: int | None = None) -> int:
        """A time of day in epoch milliseconds UTC; of the next day when it would not be later than `after`."""
        found = int(datetime.combine(day, at, self.calendar.zone).astimezone(UTC).timestamp()) * 1000
        return found + DAY_MS if after is not None and found <= after else found


def _close(day: date, row: HoursRow) -> time:
    if row.close_in_us_winter and not datetime.combine(day, _NOON, NEW_YORK).dst():
        return row.close_in_us_winter
    return row.close
