"""What is known of the day beside the bars that are open: its volume, its last trade, its auction."""

from collections.abc import Callable, Sequence
from datetime import date
from math import nan

from market.bar import Bar
from market.open_bar import OpenBar
from market.sessions import Hours, Session

NO_TRADE = OpenBar(date.min, 0, -1, 0.0, -1)
"""Stands for "no last trade": no tick is like it."""


class DaySoFar:
    """What came before the open bars. The volumes of all bars add up to last minus first of its `volume`."""

    __slots__ = ("_auction_price", "_before_hole", "_count", "_date", "_hours", "_lower", "hole", "last", "volume")

    def __init__(self, hours: Hours, count: Callable[[str], None]) -> None:
        """`count` is told of ticks that are in no bar."""
        self._hours, self._count = hours, count
        self.volume: int | None = None
        """Cumulative volume before the next bar to close, in units; None: not known, the bar will be partial."""
        self.last = NO_TRADE
        """The last trade that is in no open bar: of the bar that closed last, the auction's, or a snapshot's."""
        self.hole = False
        """Ticks were missed, and none has come since."""
        self._date: date | None = None
        """Trading day that `volume` belongs to; None: to whichever comes."""
        self._before_hole: int | None = None
        """What `volume` was, while a hole makes it unknown."""
        self._lower = NO_TRADE
        """The last bar all of whose day volumes were lower than the one before it."""
        self._auction_price = nan
        """Rupees; of the last auction that was seen."""

    @property
    def known_volume(self) -> int:
        """Cumulative volume, before a hole if there is one, in units; 0 when nothing is known."""
        return self.volume or self._before_hole or 0

    def volume_on(self, day: date) -> int | None:
        """The volume on a trading day: one that begins while we watch begins at 0."""
        return 0 if self.volume is not None and self._date not in {None, day} else self.volume

    def reached(self, day: date, bars: Sequence[OpenBar]) -> int:
        """The volume that a day's ticks have reached, those of these bars included; 0 when that is not known."""
        return max(self.volume_on(day) or 0, *(bar.highest for bar in bars if bar.session == day), 0)

    def settle(self, bar: OpenBar) -> None:
        """Give a bar that closes its volume; the next one counts from where it ended."""
        previous, self.last = self.last, bar
        before, highest = self.volume, bar.day_volume
        if bar.highest_volume > highest:  # noqa: PLR1730 - once for every bar, and `max` is a call
            highest = bar.highest_volume
        plain = bar.given_volume is None and not self.hole and self._date is bar.session
        if plain and before is not None and highest >= before:  # nearly always; what follows says the same at length
            bar.volume, self.volume = highest - before, highest
            return
        before = self.volume_on(bar.session)
        self._date = bar.session
        bar.volume = bar.volume_since(before)
        if bar.given_volume is not None:
            return
        if before is None:
            bar.partial = True
            before = bar.own_base
        elif highest < before:  # one slip of the feed, or a correction by the exchange that is yet to be recognised
            bar.partial |= bar.lowest_volume < highest or self._lower is previous
            self._lower = bar
        self.volume = before + bar.volume
        if self.hole:
            self.lose_sight()

    def so_far(self, bars: Sequence[OpenBar]) -> list[Bar]:
        """Bars that are open, oldest first, as they stand."""
        shown: list[Bar] = []
        before: int | None = None
        for bar in bars:
            before = before if shown and shown[-1].session == bar.session else self.volume_on(bar.session)
            shown.append(bar.as_it_stands(before))
            before = shown[-1].volume + (bar.own_base if before is None else before)
        return shown

    def lose_sight(self) -> None:
        """A hole after all bars that are known: how much was traded in it is not."""
        if self.volume is not None:
            self._before_hole, self.volume = self.volume, None

    def place(self, at_ms: int, price: float, volume: int) -> Session | None:
        """The session whose continuous phase a tick lies in; None for any other, of which an auction's is kept."""
        session = self._hours.at(at_ms)
        if session is None or not session.pre_open_ms <= at_ms < session.close_ms:
            self._count("outside_session")
            return None
        if at_ms >= session.open_ms:
            return session
        self._count("pre_open")
        before_first = 0 if self._hours.auction_in_first_bar else volume
        same_day = self.volume is not None and self._date == session.date
        self.volume = max(self.volume or 0, before_first) if same_day else before_first
        self._date = session.date
        self.hole = False
        self._auction_price = price
        if at_ms >= self.last.last_ms:
            self.last = OpenBar(date.min, 0, at_ms, price, volume)
        return None

    def take_old(self, at_ms: int, price: float, volume: int, over_ms: int, *, has_bars: bool) -> None:
        """Take a tick from a minute that is over: the last trade once more, a snapshot, or late.

        `over_ms` is the start of the last minute that is, `has_bars` whether any are open.
        """
        knows = self.volume is not None or has_bars
        if at_ms == self.last.last_ms and volume == self.last.day_volume:
            if not knows:
                self.volume, self.hole = self._before_hole, False  # nothing was traded meanwhile
            return
        if knows:
            self._count("late" if at_ms else "not_traded")
            return
        self._count("snapshot" if at_ms else "not_traded")
        self.last = OpenBar(date.min, 0, at_ms, price, volume)
        if at_ms and self._hours.day(at_ms) == self._hours.day(over_ms):
            session = self._hours.at(at_ms)
            missed = session is not None and at_ms >= session.open_ms
            in_first_bar = session is not None and not missed and self._hours.auction_in_first_bar
            self.volume, self._date = 0 if in_first_bar else volume, session.date if session else None
            self.hole = missed and not 0 < volume == self._before_hole
        elif at_ms or not volume:
            self.volume, self._date, self.hole = 0, None, False  # nothing was traded today

    def has_not_seen(self, price: float, at_ms: int, bar: OpenBar, bars: Sequence[OpenBar]) -> bool:
        """Whether a day's high or low that a quote told at `at_ms` is of a trade within `bar` that no tick showed.

        Not so with the first tick of a session, whose day may have had its high or low in the auction, nor with the
        auction's own price. `bars` are the open ones, `bar` among them.
        """
        known = [each for each in (self.last, *bars) if each.session == bar.session]
        if price == self._auction_price or (known == [bar] and bar.first_ms == at_ms):
            return False
        return not min(each.low for each in known) <= price <= max(each.high for each in known)
