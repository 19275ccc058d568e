"""Which minutes of the past a symbol needs, and which of them are missing."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from brokers.history import DayQuote
from market.bar import MINUTE_MS, Bar
from market.days import day_of, midnight_before
from market.sessions import DAY_MS, Hours, Session

FARTHEST_DAYS = 400
"""Whatever rules want, nothing older is asked for: 200 bars of 75 minutes four times over, and room for holidays."""
SPLIT = 0.18
THIN = 1.5
"""Minutes looked back on for each bar wanted: a thin stock has no bar in many minutes."""


def history_since(hours: Hours, now_ms: int, minutes: int) -> int:
    """Start of the last span of earlier days that holds so many minutes of trading; today's own do not count.

    So what a symbol needs does not depend on when today it asks. The newest earlier session is whole in any case.
    """
    day, left = midnight_before(now_ms), minutes
    for earlier in range(1, FARTHEST_DAYS):
        for session in reversed(hours.on(day_of(day - earlier * DAY_MS))):
            length = (session.close_ms - session.open_ms) // MINUTE_MS
            if length >= left:
                return session.close_ms - left * MINUTE_MS if left < minutes else session.open_ms
            left -= length
    return day - FARTHEST_DAYS * DAY_MS


def sessions_between(hours: Hours, since_ms: int, until_ms: int) -> Iterator[Session]:
    """Sessions with a minute in `[since_ms, until_ms)`, oldest first; one may have begun the evening before."""
    for day in range(midnight_before(since_ms) - DAY_MS, until_ms, DAY_MS):
        for session in hours.on(day_of(day)):
            if session.close_ms > since_ms and session.open_ms < until_ms:
                yield session


@dataclass(slots=True)
class Stored:
    """What the bars of the store tell of holes, gathered while they are read."""

    watched_since_ms: int = 0
    """Since when today is watched, epoch milliseconds UTC: by an earlier run, or by this one."""
    live_minutes: set[int] = field(default_factory=set)
    """Starts of minutes in which somebody watched: a bar made of ticks is there."""
    partial: dict[str, list[int]] = field(default_factory=dict)
    """Starts of each symbol's bars that lack trades."""
    closes: dict[str, float] = field(default_factory=dict)
    """Last close of each symbol before today."""

    def reading(self, bars: Iterator[tuple[str, Bar]], today_ms: int) -> Iterator[tuple[str, Bar]]:
        """The same bars, looked at on their way."""
        for symbol, bar in bars:
            if bar.partial:
                self.partial.setdefault(symbol, []).append(bar.start_ms)
            if bar.last_ms < bar.end_ms:  # the broker's bars have only an end
                self.live_minutes.add(bar.start_ms)
            if bar.start_ms < today_ms:
                self.closes[symbol] = bar.close
            else:
                self.closes.setdefault(symbol, 0.0)
            yield symbol, bar

    def forget(self, symbol: str) -> None:
        """Its bars are gone."""
        self.closes.pop(symbol, None)
        self.partial.pop(symbol, None)


class Unwatched:
    """Minutes of trading in which nobody watched, for one class of hours."""

    def __init__(self, hours: Hours, since_ms: int, until_ms: int, live_minutes: set[int]) -> None:
        """Minutes that are over by `until_ms`."""
        sessions = list(sessions_between(hours, since_ms, until_ms))
        self.until_ms = min(until_ms, sessions[-1].close_ms) if sessions else since_ms
        """End of the last minute of trading, watched or not."""
        self._starts = [
            start
            for session in sessions
            for start in range(max(session.open_ms, since_ms), min(session.close_ms, until_ms), MINUTE_MS)
            if start not in live_minutes
        ]

    def first(self, since_ms: int) -> int | None:
        """The first at or after `since_ms`."""
        place = bisect_left(self._starts, since_ms)
        return self._starts[place] if place < len(self._starts) else None

    def within(self, since_ms: int, until_ms: int) -> tuple[int, int]:
        """From the first of a span to the end of its last; nothing long when it has none."""
        first, last = bisect_left(self._starts, since_ms), bisect_left(self._starts, until_ms)
        return (self._starts[first], self._starts[last - 1] + MINUTE_MS) if first < last else (until_ms, until_ms)


def down_since(stored: Stored, all_hours: Iterable[Hours], now_ms: int) -> int | None:
    """Since when an earlier run of today is gone, if nobody watched a minute of trading since; None if none is lost."""
    if stored.watched_since_ms >= now_ms:
        return None  # this is today's first
    seen = max((minute + MINUTE_MS for minute in stored.live_minutes), default=0)
    since, over = max(stored.watched_since_ms, seen), now_ms - now_ms % MINUTE_MS
    lost = [Unwatched(hours, since, over, stored.live_minutes).first(since) for hours in set(all_hours)]
    return min((minute for minute in lost if minute is not None), default=None)


def is_split(stored_close: float, quote: DayQuote | None) -> bool:
    """Whether the official previous close is too far off the stored one to be a move of the market."""
    if quote is None or quote.previous_close <= 0 or stored_close <= 0:
        return False
    return abs(quote.previous_close / stored_close - 1) > SPLIT


def missing(
    symbol: str, since_ms: int, spans: Sequence[tuple[int, int]], stored: Stored, unwatched: Unwatched
) -> tuple[int, int] | None:
    """The shortest span the broker must be asked for, None if all from `since_ms` on is there.

    `spans` are what it was asked for before, oldest first.
    """
    if symbol not in stored.closes and not spans:
        return since_ms, unwatched.until_ms  # it was never watched, whoever watched others
    ends = (since_ms, *(max(since_ms, through_ms) for _, through_ms in spans))
    begins = (*(max(since_ms, from_ms) for from_ms, _ in spans), unwatched.until_ms)
    gaps = [gap for gap in zip(ends, begins, strict=True) if gap[0] < gap[1]]
    partial = stored.partial.get(symbol, ())
    holes = [
        (max(low, start), min(high, end))
        for low, high in gaps
        for start, end in (unwatched.within(low, high), *((each, each + MINUTE_MS) for each in partial))
        if start < high and end > low
    ]
    return (min(start for start, _ in holes), max(end for _, end in holes)) if holes else None
