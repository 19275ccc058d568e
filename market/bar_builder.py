"""Ticks of one symbol become 1-minute bars, the same ones whatever order they arrive in within the grace time.

A tick belongs to the minute of its trade time. The volume of a bar is the growth of the day volume's running maximum
over the bar, so steps back are clamped and the volumes of all bars add up to last minus base.
A bar closes when `close_through` says its minute is over, never because a later tick came.
"""

from collections.abc import Callable, Sequence
from datetime import date
from math import inf

from market.bar import MINUTE_MS, Bar
from market.open_bar import OpenBar, start_of
from market.sessions import Hours, Session

_NOWHERE = OpenBar(date.min, 0, 0, 0.0, 0)
_NOWHERE.end_ms = 0
"""No tick belongs to it: stands for "no open bar" so that the hot path needs no test for None."""
_NO_TRADE = OpenBar(date.min, 0, -1, 0.0, -1)
"""Stands for "no last trade": no tick is like it."""


class BarBuilder:
    """The 1-minute bars of one symbol."""

    __slots__ = (
        "_base", "_before_hole", "_ceiling", "_floor", "_hole", "_hours", "_last", "_newest", "_on_reached", "_open",
        "_session", "_session_date", "closed_through", "counts",
    )  # fmt: skip

    def __init__(self, hours: Hours, on_reached: Callable[[int, float], None]) -> None:
        """`on_reached(at_ms, price)` is called when a trade reaches a price given to `watch`."""
        self._hours = hours
        self._on_reached = on_reached
        self._floor, self._ceiling = -inf, inf
        self._newest = _NOWHERE
        self._open: list[OpenBar] = []
        self.closed_through = -1
        """Start of the last minute that is over, epoch milliseconds UTC; -1 before the first."""
        self._session: Session | None = None
        """The session of the newest bar: the next bar's too, nearly always."""
        self._session_date: date | None = None
        """Day that `_base` belongs to; None: to whichever comes."""
        self._base: int | None = None
        """Day volume before the next bar to close; None: not known, the bar will be partial."""
        self._hole = False
        """Ticks were missed, and none has come since."""
        self._before_hole: int | None = None
        """What `_base` was, while a hole makes it unknown."""
        self._last = _NO_TRADE
        """The last trade that is in no open bar: of the bar that closed last, or a snapshot's."""
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

    def put(
        self, start_ms: int, open_: float, high: float, low: float, close: float, volume: int, *, partial: bool = False
    ) -> bool:
        """Take a finished 1-minute bar as given, zero volume included; it closes by the clock like any other.

        False, and counted, when it lies outside the continuous phase, its minute is over or has its bar already.
        """
        session = self._place(start_ms, 0)
        if session is None:
            return False
        start = start_ms - start_ms % MINUTE_MS
        over = start <= self.closed_through
        if over or any(bar.start_ms == start for bar in self._open):
            self._count("late" if over else "repeated_bar")
            return False
        bar = OpenBar(session.date, start, start, open_, 0)
        bar.high, bar.low, bar.close = high, low, close
        bar.last_ms, bar.given_volume, bar.partial = bar.end_ms, volume, partial
        self._open.append(bar)
        return True

    def close_through(self, minute: int) -> Sequence[Bar]:
        """Close every bar whose minute starts at or before `minute`; oldest first."""
        self.closed_through = max(self.closed_through, minute)
        due = self._open
        if len(due) == 1 and due[0].start_ms <= minute:  # nearly always
            self._open = []
            self._newest = _NOWHERE
            self._settle(due[0])
            return due
        due = sorted((bar for bar in due if bar.start_ms <= minute), key=start_of)
        self._open = [bar for bar in self._open if bar.start_ms > minute]
        if self._newest.start_ms <= minute:
            self._newest = _NOWHERE
        for bar in due:
            self._settle(bar)
        return due

    def interrupted(self) -> None:
        """The connection had a hole: the open bars, or else the next one, lack some of their ticks.

        Not the next one, if a snapshot comes first and shows that nothing was traded meanwhile.
        """
        self._hole = True
        self._newest = _NOWHERE  # so that the next tick comes by the way that sees the hole
        for bar in self._open:
            bar.partial = True
        if not self._open and self._base is not None:
            self._before_hole, self._base = self._base, None

    def open_bars(self) -> list[Bar]:
        """The bars that are not closed, oldest first, as they stand."""
        shown, base = [], self._base
        for bar in sorted(self._open, key=start_of):
            base = 0 if base is not None and self._is_of_another_day(bar) else base
            shown.append(bar.as_it_stands(base))
            base = shown[-1].volume + (bar.lowest_volume if base is None else base)
        return shown

    @property
    def last_trade_ms(self) -> int:
        """Trade time of the newest tick of an open bar, epoch milliseconds UTC; 0 when there is none."""
        return self._open_or_nowhere().last_ms

    @property
    def day_volume(self) -> int:
        """Cumulative volume of the day as far as it is known, in units."""
        return self._open_or_nowhere().day_volume or self._base or self._before_hole or 0

    @property
    def last_price(self) -> float | None:
        """Price of the last trade, today's or a snapshot's; None when there is none."""
        newest = self._open_or_nowhere()
        bar = self._last if newest is _NOWHERE else newest
        return None if bar is _NO_TRADE else bar.close

    def _open_or_nowhere(self) -> OpenBar:
        return self._newest if self._newest is not _NOWHERE else max(self._open, key=start_of, default=_NOWHERE)

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _add_out_of_line(self, at_ms: int, price: float, volume: int) -> None:
        start = at_ms - at_ms % MINUTE_MS
        if start <= self.closed_through or not at_ms:
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
                if fault := bar.merge(at_ms, price, volume):
                    self._count(fault)
                break
        else:
            bar = OpenBar(session.date, start, at_ms, price, volume)
            bar.partial = self._hole
            self._open.append(bar)
        self._hole = False
        if start > self._newest.start_ms:
            self._newest = bar
        if not self._floor < price < self._ceiling:
            self._on_reached(at_ms, price)

    def _place(self, at_ms: int, day_volume: int) -> Session | None:
        """The session whose continuous phase `at_ms` lies in; the auction's volume is in no bar."""
        session = self._hours.at(at_ms)
        if session is None or not session.pre_open_ms <= at_ms < session.close_ms:
            self._count("outside_session")
            return None
        if at_ms >= session.open_ms:
            return session
        self._count("pre_open")
        same_day = self._base is not None and self._session_date == session.date
        self._base = max(self._base or 0, day_volume) if same_day else day_volume
        self._session_date = session.date
        self._hole = False
        return None

    def _seed_or_drop(self, at_ms: int, price: float, volume: int) -> None:
        """A tick from a minute that is over: the last trade once more, a snapshot, or late."""
        knows = self._base is not None or bool(self._open)
        if at_ms == self._last.last_ms and volume == self._last.day_volume:
            if not knows:
                self._base, self._hole = self._before_hole, False  # nothing was traded meanwhile
            return
        if knows:
            self._count("late" if at_ms else "not_traded")
            return
        self._count("snapshot" if at_ms else "not_traded")
        self._last = OpenBar(date.min, 0, at_ms, price, volume)
        session = self._hours.at(at_ms)
        if at_ms and self._hours.day(at_ms) == self._hours.day(self.closed_through):
            missed = session is not None and at_ms >= session.open_ms and not 0 < volume == self._before_hole
            self._base, self._session_date, self._hole = volume, session.date if session else None, missed
        elif at_ms or not volume:
            self._base, self._session_date, self._hole = 0, None, False  # nothing was traded today

    def _is_of_another_day(self, bar: OpenBar) -> bool:
        """Whether `_base` is an earlier day's: a day that begins while we watch begins at 0."""
        return self._session_date is not None and self._session_date != bar.session

    def _settle(self, bar: OpenBar) -> None:
        self._last = bar
        base, highest = self._base, max(bar.highest_volume, bar.day_volume)
        plain = bar.given_volume is None and not self._hole and self._session_date is bar.session
        if plain and base is not None and highest >= base:  # nearly always; what follows says the same at length
            bar.volume, self._base = highest - base, highest
            return
        if base is not None and self._is_of_another_day(bar):
            base = 0
        self._session_date = bar.session
        bar.volume = bar.volume_since(base)
        if bar.given_volume is not None:
            return
        if base is None:
            bar.partial = True
            base = bar.lowest_volume
        self._base = base + bar.volume
        if self._hole:
            self._before_hole, self._base = self._base, None
