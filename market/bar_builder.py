"""Ticks of one symbol become 1-minute bars, the same ones whatever order they arrive in within the grace time.

A tick belongs to the minute of its trade time. Within a minute ticks are ordered by (trade time, cumulative day volume,
arrival): the first gives the open, the last the close. The volume of a bar is the growth of the day volume's running
maximum over the bar, so steps back are clamped and the volumes of all bars add up to last minus base.
A bar closes when `close_through` says its minute is over, never because a later tick came.
"""

from collections.abc import Callable, Sequence
from datetime import date
from math import inf

from market.bar import MINUTE_MS, Bar
from market.sessions import IST_OFFSET_MS, Hours, Session

DAY_MS = 86_400_000


class _OpenBar(Bar):
    """A minute that is not over: its bar so far, and what orders its ticks. Closing it only settles its volume."""

    __slots__ = ("day_volume", "first_ms", "first_volume", "given_volume", "highest_volume", "lowest_volume")

    def __init__(self, session: date, start_ms: int, at_ms: int, price: float, volume: int) -> None:
        self.start_ms = start_ms
        self.end_ms = start_ms + MINUTE_MS
        self.session = session
        self.open = self.high = self.low = self.close = price
        self.first_ms = self.last_ms = at_ms
        self.first_volume = self.day_volume = self.lowest_volume = self.highest_volume = volume
        """Day volume at the first tick, at the last one (in their order), the lowest and the highest."""
        self.given_volume: int | None = None
        """Set for a bar that came as a bar: its volume is taken as it is."""
        self.volume = 0
        self.partial = False


_NOWHERE = _OpenBar(date.min, 0, 0, 0.0, 0)
_NOWHERE.end_ms = 0
"""No tick belongs to it: stands for "no open bar" so that the hot path needs no test for None."""


class BarBuilder:
    """The 1-minute bars of one symbol."""

    __slots__ = (
        "_base", "_ceiling", "_closed_through", "_floor", "_hole", "_hours", "_newest", "_on_reached", "_open",
        "_session", "_session_date", "counts", "seed_price",
    )  # fmt: skip

    def __init__(self, hours: Hours, on_reached: Callable[[int, float], None]) -> None:
        """`on_reached(at_ms, price)` is called when a trade reaches a price given to `watch`."""
        self._hours = hours
        self._on_reached = on_reached
        self._floor, self._ceiling = -inf, inf
        self._newest = _NOWHERE
        self._open: list[_OpenBar] = []
        self._closed_through = -1
        """Start of the last minute that is over, epoch milliseconds UTC."""
        self._session: Session | None = None
        """The session of the newest bar: the next bar's too, nearly always."""
        self._session_date: date | None = None
        """Day that `_base` belongs to once a bar of it closed."""
        self._base: int | None = None
        """Day volume before the next bar to close; None: not known, the bar will be partial."""
        self._hole = False
        self.seed_price: float | None = None
        """Last price known before any tick of today: a snapshot's."""
        self.counts: dict[str, int] = {}
        """Everything out of the ordinary."""

    def add(self, at_ms: int, price: float, day_volume: int) -> None:
        """Take one tick: trade time in epoch milliseconds UTC, price in rupees, cumulative day volume in units.

        This is the hot path: the next trade of the newest minute, which nearly every tick is.
        """
        bar = self._newest
        if bar.last_ms <= at_ms < bar.end_ms and day_volume >= bar.day_volume:
            bar.last_ms = at_ms
            bar.day_volume = day_volume
            bar.close = price
            if price > bar.high:
                bar.high = price
                if price >= self._ceiling:
                    self._on_reached(at_ms, price)
            elif price < bar.low:
                bar.low = price
                if price <= self._floor:
                    self._on_reached(at_ms, price)
        else:
            self._add_out_of_line(at_ms, price, day_volume)

    def watch(self, floor: float, ceiling: float) -> None:
        """Call `on_reached` for trades at or beyond these prices, from the next minute's first trade on.

        Only a new high or low of a minute is looked at, so watching costs the hot path nothing; what the open minute
        has already traded is in its bar.
        """
        self._floor, self._ceiling = floor, ceiling

    def put(self, start_ms: int, open_: float, high: float, low: float, close: float, volume: int) -> bool:
        """Take a finished 1-minute bar as given, zero volume included; it closes by the clock like any other.

        False, and counted, when it lies outside the continuous phase or its minute is over.
        """
        session = self._place(start_ms)
        if session is None:
            return False
        if start_ms <= self._closed_through:
            self._count("late")
            return False
        bar = _OpenBar(session.date, start_ms - start_ms % MINUTE_MS, start_ms, open_, 0)
        bar.high, bar.low, bar.close = high, low, close
        bar.last_ms = bar.end_ms
        bar.given_volume = volume
        self._open.append(bar)
        return True

    def close_through(self, minute: int) -> Sequence[Bar]:
        """Close every bar whose minute starts at or before `minute`; oldest first."""
        self._closed_through = max(self._closed_through, minute)
        due = self._open
        if len(due) == 1 and due[0].start_ms <= minute:  # nearly always
            self._open = []
            self._newest = _NOWHERE
            self._settle(due[0])
            return due
        due = sorted((bar for bar in due if bar.start_ms <= minute), key=_start)
        self._open = [bar for bar in self._open if bar.start_ms > minute]
        if self._newest.start_ms <= minute:
            self._newest = _NOWHERE
        for bar in due:
            self._settle(bar)
        return due

    def interrupted(self) -> None:
        """The connection had a hole: the open bars, or else the next one, lack some of their ticks."""
        self._hole = True
        self._newest = _NOWHERE  # so that the next tick comes by the way that sees the hole
        if not self._open:
            self._base = None
        for bar in self._open:
            bar.partial = True

    def open_bars(self) -> list[Bar]:
        """The bars that are not closed, oldest first, as they stand."""
        return [
            Bar(
                bar.start_ms, bar.end_ms, bar.session, bar.open, bar.high, bar.low, bar.close,
                self._volume(bar, self._base_for(bar)), partial=bar.partial, last_ms=bar.last_ms,
            )
            for bar in sorted(self._open, key=_start)
        ]  # fmt: skip

    @property
    def last_trade_ms(self) -> int:
        """Trade time of the newest tick of an open bar; 0 when there is none."""
        return self._newest.last_ms

    @property
    def day_volume(self) -> int:
        """Cumulative volume of the day as far as it is known, in units."""
        return self._newest.day_volume or self._base or 0

    @property
    def last_price(self) -> float | None:
        """Price of the newest tick of an open bar, else of the last snapshot."""
        return self._newest.close if self._newest is not _NOWHERE else self.seed_price

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _add_out_of_line(self, at_ms: int, price: float, volume: int) -> None:
        start = at_ms - at_ms % MINUTE_MS
        if start <= self._closed_through or not at_ms:
            self._seed_or_drop(at_ms, price, volume)
            return
        session = self._session
        if session is None or not session.open_ms <= at_ms < session.close_ms:
            session = self._place(at_ms, volume)
            if session is None:
                return
            self._session = session
        for bar in self._open:
            if bar.start_ms == start:
                self._merge(bar, at_ms, price, volume)
                return
        bar = _OpenBar(session.date, start, at_ms, price, volume)
        bar.partial, self._hole = self._hole, False
        self._open.append(bar)
        if start > self._newest.start_ms:
            self._newest = bar
        if not self._floor < price < self._ceiling:
            self._on_reached(at_ms, price)

    def _place(self, at_ms: int, day_volume: int = 0) -> Session | None:
        """The session whose continuous phase `at_ms` lies in."""
        session = self._hours.at(at_ms)
        if session is None or not session.open_ms <= at_ms < session.close_ms:
            if session is not None and session.pre_open_ms <= at_ms < session.open_ms:
                self._count("pre_open")
                self._base, self._session_date = day_volume, session.date  # the auction's volume is in no bar
            else:
                self._count("outside_session")
            return None
        return session

    def _seed_or_drop(self, at_ms: int, price: float, volume: int) -> None:
        """A tick from a minute that is over: a snapshot tells where the day volume stands, anything else is late."""
        self.seed_price = price
        if at_ms == 0:
            self._count("not_traded")
            if volume == 0 and self._base is None:
                self._base = 0
            return
        if self._base is None and not self._open:
            self._count("snapshot")
            same_day = (at_ms + IST_OFFSET_MS) // DAY_MS == (self._closed_through + IST_OFFSET_MS) // DAY_MS
            self._base = volume if same_day else 0
            self._session_date = None
            return
        self._count("late")

    def _merge(self, bar: _OpenBar, at_ms: int, price: float, volume: int) -> None:
        if volume < bar.highest_volume or volume < bar.day_volume:
            self._count("volume_steps_back" if at_ms >= bar.last_ms else "out_of_order")
        elif at_ms < bar.last_ms:
            self._count("out_of_order")
        bar.highest_volume = max(bar.highest_volume, bar.day_volume, volume)
        bar.lowest_volume = min(bar.lowest_volume, volume)
        bar.high = max(bar.high, price)
        bar.low = min(bar.low, price)
        if not self._floor < price < self._ceiling:
            self._on_reached(at_ms, price)
        self._hole = False
        if bar.start_ms > self._newest.start_ms:
            self._newest = bar
        if (at_ms, volume) >= (bar.last_ms, bar.day_volume):
            bar.last_ms, bar.day_volume, bar.close = at_ms, volume, price
        elif (at_ms, volume) < (bar.first_ms, bar.first_volume):
            bar.first_ms, bar.first_volume, bar.open = at_ms, volume, price

    def _base_for(self, bar: _OpenBar) -> int | None:
        """Day volume before `bar`, None when not known; a day that begins while we watch begins at 0."""
        if self._base is None or self._session_date is None or self._session_date == bar.session:
            return self._base
        return 0

    def _settle(self, bar: _OpenBar) -> None:
        base, highest = self._base, max(bar.highest_volume, bar.day_volume)
        if (
            base is not None
            and highest >= base
            and self._session_date is bar.session
            and bar.given_volume is None
            and not self._hole
        ):  # nearly always; what follows says the same at length
            bar.volume, self._base = highest - base, highest
            return
        base = self._base_for(bar)
        self._session_date = bar.session
        bar.volume = self._volume(bar, base)
        if bar.given_volume is not None:
            return
        if base is None:
            bar.partial = True
            base = bar.lowest_volume
        self._base = None if self._hole else base + bar.volume

    def _volume(self, bar: _OpenBar, base: int | None) -> int:
        if bar.given_volume is not None:
            return bar.given_volume
        highest = max(bar.highest_volume, bar.day_volume)
        grown = highest - (bar.lowest_volume if base is None else base)
        return max(0, grown)


def _start(bar: Bar) -> int:
    return bar.start_ms
