"""Prices that cannot be believed at once: held back until a second trade confirms them."""

from collections.abc import Callable
from math import inf, nextafter
from typing import NamedTuple

FAR = 0.2
"""Share of the last price that a price may differ from it and be believed at once."""
FAR_RUPEES = 0.5
"""A step of less is believed whatever its share: a stock of a few paise moves by large ones."""
CONFIRMED_WITHIN_MS = 5000
"""A trade confirmed later than this is not worth a place in its bar: the one that confirms it speaks for both."""
BAND_MS = 16 * 3_600_000
"""From its first trade on a day's band counts; the next day has another, which a program that runs on does not know."""
NEAR_BELOW, NEAR_ABOVE = 0.91, 1.09
"""Between two prices within this span of a third there is never a step of `FAR`, so they need not be compared."""


class Print(NamedTuple):
    """One trade."""

    at_ms: int
    """Trade time, epoch milliseconds UTC."""
    price: float
    day_volume: int


class BadPrints:
    """Decides which trades are taken, by their prices alone.

    A price far from the last one is held, and one outside the day's band unless the last one was too. Another trade
    near the held one, with no trade near the last one in between, shows that the market is there: both are taken, the
    held one only if it is not older than five seconds. A trade near the last price shows that the held one was bad. So
    a gap costs a wait for the second trade, never more.
    """

    __slots__ = ("_band_until_ms", "_count", "_highest", "_lowest", "ceiling", "floor", "held")

    def __init__(self, count: Callable[[str], None], band: tuple[float, float] | None = None) -> None:
        """`count` is told what happens; `band` is the lowest and the highest price of the day, None when not known."""
        self._count = count
        self._lowest, self._highest = band or (-inf, inf)
        self._band_until_ms = 0
        self.held: Print | None = None
        """The trade that waits for a second one."""
        self.floor, self.ceiling = inf, -inf
        """A price between them is not far from the last one."""

    def believes(self, price: float, last: float | None) -> bool:
        """Whether a price can be that of the very next trade after `last`, None when there is none."""
        if not self._allowed(price) and (last is None or self._allowed(last)):
            return False  # the exchange widens a band now and then, so the second trade is believed
        return last is None or not is_far(price, last)

    def taken(self, trade: Print, last: float | None) -> tuple[Print, ...]:
        """The trades to take now, in order; `last` is the price of the last one taken, None when there is none."""
        held = self.held
        self._band_until_ms = self._band_until_ms or trade.at_ms + BAND_MS
        if trade.at_ms > self._band_until_ms:
            self._lowest, self._highest = -inf, inf
        if self.believes(trade.price, last):
            if held is not None and trade.at_ms >= held.at_ms:
                self._drop()
            self._centre(trade.price)
            return (trade,)
        if held is None:
            self._hold(trade)
            return ()
        if (trade.at_ms, trade.day_volume) == (held.at_ms, held.day_volume):
            return ()  # the same trade once more
        if is_far(trade.price, held.price):
            self._drop()
            self._hold(trade)
            return ()
        self._centre(trade.price)
        self._count("gap_confirmed")
        if trade.at_ms - held.at_ms > CONFIRMED_WITHIN_MS:
            self._drop()
            return (trade,)
        self.held = None
        return held, trade

    def _allowed(self, price: float) -> bool:
        return self._lowest <= price <= self._highest

    def _hold(self, trade: Print) -> None:
        self.held = trade
        self._count("bad_print_held")

    def _drop(self) -> None:
        self.held = None
        self._count("bad_print_dropped")

    def _centre(self, price: float) -> None:
        if not self.floor < price < self.ceiling:
            self.floor, self.ceiling = price * NEAR_BELOW, price * NEAR_ABOVE
            if self._allowed(price):  # the limits themselves lie between
                self.floor = max(self.floor, nextafter(self._lowest, -inf))
                self.ceiling = min(self.ceiling, nextafter(self._highest, inf))


def is_far(price: float, last: float) -> bool:
    """Whether a price cannot be believed at once after `last`."""
    return abs(price - last) > max(FAR * last, FAR_RUPEES)
