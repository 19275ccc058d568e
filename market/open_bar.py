"""A minute that is not over: its bar so far, and what orders its ticks."""

from datetime import date
from math import nan

from market.bar import MINUTE_MS, Bar
from market.volume_steps import HALF


class OpenBar(Bar):
    """Ticks of one minute, in the order (trade time, cumulative day volume, arrival).

    The first gives the open, the last the close. Closing it only settles its volume.
    """

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
        self.atp = nan

    def give(self, high: float, low: float, close: float, volume: int, *, partial: bool) -> None:
        """Make it a finished bar that came as one."""
        self.high, self.low, self.close = high, low, close
        self.last_ms, self.given_volume, self.partial = self.end_ms, volume, partial

    @property
    def highest(self) -> int:
        """Highest day volume of its ticks."""
        return max(self.highest_volume, self.day_volume)

    @property
    def own_base(self) -> int:
        """Where it counts from when the day volume before it is not known: its lowest.

        Its first, if a counter of 32 bits began anew within it.
        """
        return self.first_volume if self.highest - self.lowest_volume > HALF else self.lowest_volume

    def merge(self, at_ms: int, price: float, volume: int) -> str | None:
        """Take a tick that is not simply the next one; returns what is out of the ordinary with it, if anything."""
        fault = None
        if volume < self.highest_volume or volume < self.day_volume:
            fault = "volume_steps_back" if at_ms >= self.last_ms else "out_of_order"
        elif at_ms < self.last_ms:
            fault = "out_of_order"
        self.highest_volume = max(self.highest_volume, self.day_volume, volume)
        self.lowest_volume = min(self.lowest_volume, volume)
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        if (at_ms, volume) >= (self.last_ms, self.day_volume):
            self.last_ms, self.day_volume, self.close = at_ms, volume, price
        elif (at_ms, volume) < (self.first_ms, self.first_volume):
            self.first_ms, self.first_volume, self.open = at_ms, volume, price
        return fault

    def volume_since(self, base: int | None) -> int:
        """Units traded in it when the day volume before it was `base`; counted from its own when that is unknown."""
        if self.given_volume is not None:
            return self.given_volume
        return max(0, self.highest - (self.own_base if base is None else base))

    def as_it_stands(self, base: int | None) -> Bar:
        """A bar of what it holds so far; `base` as in `volume_since`."""
        return Bar(
            self.start_ms, self.end_ms, self.session, self.open, self.high, self.low, self.close,
            self.volume_since(base), partial=self.partial, last_ms=self.last_ms, atp=self.atp,
        )  # fmt: skip


def start_of(bar: Bar) -> int:
    """What bars are sorted by."""
    return bar.start_ms
