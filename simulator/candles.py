"""What a broker's history knows: 1-minute candles of the session as far as it was played, and of the days before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from market.bar import MINUTE_MS
from market.sessions import DAY_MS, IST_OFFSET_MS, Hours
from market.sessions import Session as TradingDay
from simulator.session import Floats, Integers, Session


@dataclass(frozen=True, slots=True)
class Columns:
    """Candles of one symbol as columns of equal length, oldest first; minutes without a trade have none."""

    starts_ms: Integers
    prices: Floats
    """Columns open, high, low, close, in rupees."""
    volumes: Integers

    def between(self, since_ms: int, until_ms: int) -> "Columns":
        """Those that start in `[since_ms, until_ms)`."""
        kept = (self.starts_ms >= since_ms) & (self.starts_ms < until_ms)
        return Columns(self.starts_ms[kept], self.prices[kept], self.volumes[kept])


@dataclass(frozen=True, slots=True)
class DayQuote:
    """One symbol's day so far."""

    price: float
    at_ms: int
    """Last trade, epoch milliseconds UTC; 0 when there was none today."""
    volume: int
    day_open: float
    day_high: float
    day_low: float
    previous_close: float


class Candles:
    """Candles of the symbols of one session.

    Recorded days are the session's own, no further than it was played. Days before the first recorded one are made of
    it, backwards and forwards in turn, so that each begins at the price where the one before it ended.
    """

    def __init__(self, session: Session, hours: Sequence[Hours | None], played: Callable[[], int]) -> None:
        """`hours` of each symbol, None for one that is not listed; `played` tells how many ticks have been sent."""
        self._session, self._hours, self._played = session, hours, played
        by_symbol = np.argsort(session.symbol, kind="stable")
        places = np.searchsorted(session.symbol[by_symbol], np.arange(len(session.symbols) + 1))
        self._rows = [by_symbol[start:stop] for start, stop in pairwise(places)]
        self._first_day = _day(int(session.due_ms[0]))

    @property
    def now_ms(self) -> int:
        """Market time: of the tick played last, or the midnight before the first; epoch milliseconds UTC."""
        played = self._played()
        first = int(self._session.due_ms[0])
        return int(self._session.due_ms[played - 1]) if played else first - (first + IST_OFFSET_MS) % DAY_MS

    def of(self, symbol: int, since_ms: int, until_ms: int) -> Columns:
        """Candles that start in `[since_ms, until_ms)`, the running minute included."""
        hours = self._hours[symbol]
        rows = self._rows[symbol]
        if hours is None or not len(rows):
            return _NONE
        parts = [*self._made(hours, rows, since_ms, until_ms), self._traded(hours, rows[rows < self._played()])]
        whole = Columns(
            np.concatenate([part.starts_ms for part in parts]),
            np.concatenate([part.prices for part in parts]),
            np.concatenate([part.volumes for part in parts]),
        )
        return whole.between(since_ms, until_ms)

    def quote(self, symbol: int) -> DayQuote | None:
        """The day so far; None for a symbol that is never traded."""
        session, rows = self._session, self._rows[symbol]
        if not len(rows):
            return None
        today = _day(self.now_ms)
        sent = rows[rows < self._played()]
        days = (session.due_ms[sent] + IST_OFFSET_MS) // DAY_MS
        mine, before = sent[days == today], sent[days < today]
        close = float(session.prices[before[-1] if len(before) else rows[0]])
        if not len(mine):
            return DayQuote(close, 0, 0, 0.0, 0.0, 0.0, close)
        prices = session.prices[mine]
        return DayQuote(
            float(prices[-1]), int(session.times_ms[mine[-1]]), int(session.volumes[mine[-1]]),
            float(prices[0]), float(prices.max()), float(prices.min()), close,
        )  # fmt: skip

    def _traded(self, hours: Hours, rows: Integers) -> Columns:
        """Candles of ticks: by trade time, prints outside the continuous phase left out."""
        session = self._session
        order = rows[np.argsort(session.times_ms[rows], kind="stable")]
        minutes = session.times_ms[order] // MINUTE_MS * MINUTE_MS
        starts, first = np.unique(minutes, return_index=True)
        if not len(starts):
            return _NONE
        prices = session.prices[order]
        last = np.append(first[1:], len(order)) - 1
        highest = np.maximum.reduceat(session.volumes[order], first)
        days = (starts + IST_OFFSET_MS) // DAY_MS
        volumes = np.zeros(len(starts), np.int64)
        for day in np.unique(days):
            mine = days == day
            volumes[mine] = np.diff(np.maximum.accumulate(highest[mine]), prepend=0)
        columns = (prices[first], np.maximum.reduceat(prices, first), np.minimum.reduceat(prices, first), prices[last])
        kept = np.array([hours.continuous(int(start)) for start in starts], bool)
        return Columns(starts[kept], np.column_stack(columns)[kept], volumes[kept])

    def _made(self, hours: Hours, rows: Integers, since_ms: int, until_ms: int) -> list[Columns]:
        """Candles of the trading days in `[since_ms, until_ms)` that lie before the first recorded one."""
        recorded = _on(hours, self._first_day)
        first, last = _day(since_ms), min(_day(until_ms - 1), self._first_day - 1)
        if recorded is None or first > last:
            return []
        whole = self._traded(hours, rows).between(recorded.open_ms, recorded.close_ms)
        backwards = _mirrored(whole, recorded)
        made, is_backwards = [], False
        for day in range(self._first_day - 1, first - 1, -1):
            trading = _on(hours, day)
            if trading is None:
                continue
            is_backwards = not is_backwards
            if day <= last:
                pattern = backwards if is_backwards else whole
                starts = pattern.starts_ms - recorded.open_ms + trading.open_ms
                made.append(Columns(starts, pattern.prices, pattern.volumes).between(trading.open_ms, trading.close_ms))
        return made[::-1]


_NONE = Columns(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(0, np.int64))


def _mirrored(columns: Columns, trading: TradingDay) -> Columns:
    """The same candles with time running backwards through the trading day."""
    starts = trading.open_ms + trading.close_ms - MINUTE_MS - columns.starts_ms[::-1]
    return Columns(starts, columns.prices[::-1][:, [3, 1, 2, 0]], columns.volumes[::-1])


def _day(at_ms: int) -> int:
    return (at_ms + IST_OFFSET_MS) // DAY_MS


def _on(hours: Hours, day: int) -> TradingDay | None:
    return hours.at(day * DAY_MS - IST_OFFSET_MS)
