"""Ticks of one symbol become 1-minute bars, the same ones whatever order they arrive in within the grace time.

A tick belongs to the minute of its trade time. The volume of a bar is the growth of the day volume's running maximum
over the bar, so steps back are clamped and the volumes of all bars add up to last minus base.
A bar closes when `close_through` says its minute is over, never because a later tick came.
"""

from collections.abc import Callable, Sequence
from datetime import date

from market.bad_prints import Print
from market.bar import MINUTE_MS, Bar
from market.day_so_far import NO_TRADE, DaySoFar
from market.open_bar import OpenBar, start_of
from market.price_watch import PriceWatch
from market.sessions import Hours, Session
from market.volume_steps import VolumeSteps

_NOWHERE = OpenBar(date.min, 0, 0, 0.0, 0)
_NOWHERE.end_ms = 0
"""No tick belongs to it: stands for "no open bar" so that the hot path needs no test for None."""


class BarBuilder:
    """The 1-minute bars of one symbol."""

    __slots__ = (
        "_ceiling", "_day", "_floor", "_hours", "_newest", "_open", "_prices", "_session", "_steps", "_wary",
        "closed_through", "counts",
    )  # fmt: skip

    def __init__(
        self, hours: Hours, on_reached: Callable[[int, float], None], *, doubts_far_prices: bool = False,
        price_band: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        """`on_reached(at_ms, price)` is called when a trade reaches a price given to `watch`.

        With `doubts_far_prices` a price far from the last one, or outside the day's `price_band`, waits for another
        like it (see `BadPrints`): not for options, which jump.
        """
        self._hours = hours
        self._newest = _NOWHERE
        self._open: list[OpenBar] = []
        self.closed_through = -1
        """Start of the last minute that is over, epoch milliseconds UTC; -1 before the first."""
        self._session: Session | None = None
        """The session of the newest bar: the next bar's too, nearly always."""
        self._day = DaySoFar(hours, self._count)
        self._steps = VolumeSteps(self._count)
        self._prices = PriceWatch(on_reached, self._count, doubts=doubts_far_prices, band=price_band)
        self._floor, self._ceiling = self._prices.between
        """Prices between them need no look."""
        self._wary = False
        """The next tick needs a look before it is taken, whatever its price."""
        self.counts: dict[str, int] = {}
        """Everything out of the ordinary."""

    def add(self, at_ms: int, price: float, day_volume: int) -> None:
        """Take one tick: trade time in epoch milliseconds UTC, price in rupees, cumulative day volume in units.

        This is the hot path: the next trade of the newest minute, which nearly every tick is.
        """
        bar = self._newest
        if bar.last_ms <= at_ms < bar.end_ms and day_volume >= bar.day_volume:
            if price > bar.high:
                if price >= self._ceiling:
                    self._add_out_of_line(at_ms, price, day_volume)
                    return
                bar.high = price
            elif price < bar.low:
                if price <= self._floor:
                    self._add_out_of_line(at_ms, price, day_volume)
                    return
                bar.low = price
            bar.last_ms = at_ms
            bar.day_volume = day_volume
            bar.close = price
        else:
            self._add_out_of_line(at_ms, price, day_volume)

    def add_unseen(self, at_ms: int, price: float, _: int) -> None:
        """The day's high or low moved to `price` by the time of the tick just added, though no tick showed that."""
        for bar in self._open:
            if bar.start_ms <= at_ms < bar.end_ms and self._day.has_not_seen(price, at_ms, bar, self._open):
                if not self._prices.believes(price, bar.close):
                    self._count("bad_print_dropped")
                    return
                self._count("high_not_seen" if price > bar.high else "low_not_seen")
                bar.high, bar.low = max(bar.high, price), min(bar.low, price)
                self._prices.tell(at_ms, price)

    def take_average(self, at_ms: int, price: float, _: int) -> None:
        """Take the exchange's average price of the day so far, as it was with the tick just added."""
        for bar in self._open:
            if bar.start_ms <= at_ms < bar.end_ms and at_ms >= bar.last_ms:
                bar.atp = price

    def watch(self, floor: float, ceiling: float) -> None:
        """Call `on_reached` for trades at or beyond these prices, unless the open minute has had such a price already.

        Only a new high or low of a minute is looked at, so that watching costs the hot path nothing.
        """
        self._prices.watch(floor, ceiling)
        self._floor, self._ceiling = self._prices.between

    def put(
        self, start_ms: int, open_: float, high: float, low: float, close: float, volume: int, *, partial: bool = False
    ) -> bool:
        """Take a finished 1-minute bar as given, zero volume included; it closes by the clock like any other.

        False, and counted, when it lies outside the continuous phase, its minute is over or has its bar already.
        """
        session = self._day.place(start_ms, open_, 0)
        if session is None:
            return False
        start = start_ms - start_ms % MINUTE_MS
        over = start <= self.closed_through
        if over or any(bar.start_ms == start for bar in self._open):
            self._count("late" if over else "repeated_bar")
            return False
        bar = OpenBar(session.date, start, start, open_, 0)
        bar.give(high, low, close, volume, partial=partial)
        self._open.append(bar)
        return True

    def close_through(self, minute: int) -> Sequence[Bar]:
        """Close every bar whose minute starts at or before `minute`; oldest first."""
        if minute > self.closed_through:  # noqa: PLR1730 - once for every bar, and `max` is a call
            self.closed_through = minute
        due = self._open
        if len(due) == 1 and due[0].start_ms <= minute:  # nearly always
            self._open = []
            self._newest = _NOWHERE
            self._day.settle(due[0])
            return due
        if not due:
            return due
        due = sorted((bar for bar in due if bar.start_ms <= minute), key=start_of)
        self._open = [bar for bar in self._open if bar.start_ms > minute]
        if self._newest.start_ms <= minute:
            self._newest = _NOWHERE
        for bar in due:
            self._day.settle(bar)
        return due

    def interrupted(self) -> None:
        """The connection had a hole: the open bars, or else the next one, lack some of their ticks.

        Not the next one, if a snapshot comes first and shows that nothing was traded meanwhile.
        """
        self._day.hole = True
        self._steps.forget()
        self._stay_wary()
        self._newest = _NOWHERE  # so that the next tick comes by the way that sees the hole
        for bar in self._open:
            bar.partial = True
        if not self._open:
            self._day.lose_sight()

    def open_bars(self) -> list[Bar]:
        """The bars that are not closed, oldest first, as they stand."""
        return self._day.so_far(sorted(self._open, key=start_of))

    @property
    def last_trade_ms(self) -> int:
        """Trade time of the newest tick of an open bar, epoch milliseconds UTC; 0 when there is none."""
        return self._open_or_nowhere().last_ms

    @property
    def day_volume(self) -> int:
        """Cumulative volume of the day as far as it is known, in units."""
        return self._open_or_nowhere().day_volume or self._day.known_volume

    @property
    def last_price(self) -> float | None:
        """Price of the last trade, today's or a snapshot's; None when there is none."""
        newest = max(self._open, key=start_of, default=self._day.last)
        return None if newest is NO_TRADE else newest.close

    def _open_or_nowhere(self) -> OpenBar:
        return max(self._open, key=start_of, default=_NOWHERE)

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _add_out_of_line(self, at_ms: int, price: float, volume: int, *, looked_at: bool = False) -> None:
        if self._wary and not looked_at:
            volume += self._steps.offset_on(self._hours.day(at_ms))
        start = at_ms - at_ms % MINUTE_MS
        if start <= self.closed_through or not at_ms:
            self._day.take_old(at_ms, price, volume, self.closed_through, has_bars=bool(self._open))
            return
        session = self._session
        if session is None or not session.open_ms <= at_ms < session.close_ms:
            session = self._day.place(at_ms, price, volume)
            if session is None:
                return
            self._session = session
        if not looked_at and (self._wary or not self._floor < price < self._ceiling):
            self._add_warily(at_ms, price, volume, session)
            return
        newest, day = self._newest, self._day
        for bar in self._open:
            if bar.start_ms == start:
                self._merge(bar, at_ms, price, volume)
                break
        else:
            bar = OpenBar(session.date, start, at_ms, price, volume)
            bar.partial = day.hole
            self._open.append(bar)
            seems_lower = start > newest.start_ms and volume < (newest.day_volume or day.volume or 0)
            if seems_lower and volume < day.reached(session.date, self._open):
                self._fell(at_ms, volume)
        day.hole = False
        if start > newest.start_ms and not self._wary:
            self._newest = bar

    def _merge(self, bar: OpenBar, at_ms: int, price: float, volume: int) -> None:
        fault = bar.merge(at_ms, price, volume)
        if fault is not None:
            self._count(fault)
        if fault == "volume_steps_back":
            self._fell(at_ms, volume)

    def _fell(self, at_ms: int, volume: int) -> None:
        self._steps.fell(at_ms, volume)
        self._stay_wary()

    def _add_warily(self, at_ms: int, price: float, volume: int, session: Session) -> None:
        """Take a tick whose price or day volume must be looked at first, if it can be believed."""
        corrected = False
        if self._steps.watching:
            newest_ms = self.last_trade_ms or self._day.last.last_ms
            day, highest = self._hours.day(at_ms), self._day.reached(session.date, self._open)
            volume, corrected = self._steps.mend(day, at_ms, volume, highest, newest_ms)
        trades = self._prices.taken(Print(at_ms, price, volume), self.last_price)
        self._floor, self._ceiling = self._prices.between
        for trade in trades:
            self._add_out_of_line(*trade, looked_at=True)
            if trade.at_ms >= self.closed_through + MINUTE_MS:
                self._prices.tell(trade.at_ms, trade.price)
        for bar in self._open:
            bar.partial |= corrected
        self._stay_wary()

    def _stay_wary(self) -> None:
        self._wary = self._steps.watching or self._prices.holds
        if self._wary:
            self._newest = _NOWHERE  # so that the next tick does not come by the short way
