"""Prices that cannot be believed at once: held back until a second trade confirms them."""

from collections.abc import Callable
from math import inf
from typing import NamedTuple

FAR = 0.2
"""Share of the last price that a price may differ from it and be believed at once."""
FAR_RUPEES = 0.5
"""A step of less is believed whatever its share: a stock of a few paise moves by large ones."""
CONFIRMED_WITHIN_MS = 5000
"""A trade confirmed later than this is not worth a place in its bar: the one that confirms it speaks for both."""
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

    A price far from the last one is held. Another trade near the held one, with no trade near the last one in between,
    shows that the market is there: both are taken, the held one only if it is not older than five seconds. A trade near
    the last price shows that the held one was bad. So a gap costs a wait for the second trade, never more.
    """

    __slots__ = ("_count", "ceiling", "floor", "held")

    def __init__(self, count: Callable[[str], None]) -> None:
        """`count` is told what happens."""
        self._count = count
        self.held: Print | None = None
        self.floor, self.ceiling = inf, -inf
        """A price between them is not far from the last one."""

    def taken(self, trade: Print, last: float | None) -> tuple[Print, ...]:
        """The trades to take now, in order; `last` is the price of the last one taken, None when there is none."""
        held = self.held
        if last is None or not is_far(trade.price, last):
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

    def _hold(self, trade: Print) -> None:
        self.held = trade
        self._count("bad_print_held")

    def _drop(self) -> None:
        self.held = None
        self._count("bad_print_dropped")

    def _centre(self, price: float) -> None:
        if not self.floor < price < self.ceiling:
            self.floor, self.ceiling = price * NEAR_BELOW, price * NEAR_ABOVE


def is_far(price: float, last: float) -> bool:
    """Whether a price cannot be believed at once after `last`."""
    return abs(price - last) > max(FAR * last, FAR_RUPEES)
