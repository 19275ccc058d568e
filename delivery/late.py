"""Entries that are found again after a restart or a gap, until it is known what became of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from actors.messages import Raised
from delivery.figures import time_of_day
from delivery.notice import Notice
from signals.signal import SignalType


class LateEntries:
    """Holds each late entry back until its symbol has caught up: what is closed by then is no news."""

    def __init__(self) -> None:
        self._held: dict[str, Raised] = {}
        self.open = 0
        """Late entries that were still open once their symbol had caught up."""
        self.closed = 0
        """Late entries that had ended before their symbol had caught up."""

    def hold(self, raised: Raised) -> bool:
        """Whether this is a late entry, which is held from now on."""
        transition = raised.transition
        if transition.type is not SignalType.ENTRY or not transition.quality.late:
            return False
        self._held[transition.id] = raised
        return True

    def close(self, raised: Raised) -> Raised | None:
        """The entry that this ends, if it is held: both are history."""
        opened = self._held.pop(raised.transition.state_id, None)
        self.closed += opened is not None
        return opened

    def caught_up(self, prices: Mapping[str, float]) -> Iterator[Raised]:
        """The entries of these symbols that are still open, in order, each with the price its symbol has now."""
        for identity, raised in list(self._held.items()):
            price = prices.get(raised.transition.symbol)
            if price is None:
                continue
            del self._held[identity]
            self.open += 1
            quality = replace(raised.transition.quality, price_now=price)
            yield replace(raised, transition=replace(raised.transition, quality=quality))


def missed_while_down(since_ms: int, until_ms: int, late: LateEntries, left: int) -> Notice:
    """What became of the entries of a span in which nobody watched, epoch milliseconds UTC.

    `left` symbols are still to be looked at.
    """
    down = f"Down {time_of_day(since_ms - since_ms % 60_000)}\N{EN DASH}{time_of_day(until_ms - until_ms % 60_000)}."
    missed = late.open + late.closed
    if missed:
        noun = "entry" if missed == 1 else "entries"
        found = f"Missed {missed} {noun}: {late.open} still open (sent as LATE), {late.closed} already closed."
    else:
        found = "No entry was missed."
    rest = (f"{left:,} symbols are still without the candles of that time.",) if left else ()
    return Notice(f"down until {until_ms}", until_ms, f"{down} {found}", rest)
