"""A day volume that falls: a slip of the feed, a correction by the exchange, or a counter that began anew."""

from collections.abc import Callable

WRAP = 1 << 32
"""Brokers send the day volume in 32 bits: above 4.29 billion it begins at 0 again."""
HALF = WRAP // 2
CORRECTED_BY = 5
"""Ticks in a row, all lower than the day volume was and rising among themselves, that make it a correction."""
CORRECTED_AFTER_MS = 30_000
FORWARD_MS = 1000
"""A counter has begun anew if it still looks so when the trade time has moved on."""


class VolumeSteps:
    """Looks at every tick from one whose day volume is lower than before, until it is as high as before.

    A correction or a new beginning is made up for by `offset`, so that bars go on counting upwards.

    Source: the rules for Dhan's cumulative volume, which hold for any broker that sends one.
    """

    __slots__ = ("_count", "_day", "_since_ms", "_ticks", "_volume", "offset")

    def __init__(self, count: Callable[[str], None]) -> None:
        """`count` is told what happens."""
        self._count = count
        self.offset = 0
        """Units to add to what comes."""
        self._day = 0
        """Calendar day of `offset`."""
        self._ticks = 0
        """Lower ticks in a row; 0: nothing is under way."""
        self._since_ms = 0
        """Trade time of their first."""
        self._volume = 0
        """Day volume of their last."""

    @property
    def watching(self) -> bool:
        """Whether every tick must be looked at."""
        return self._ticks > 0 or self.offset > 0

    def offset_on(self, day: int) -> int:
        """Units to add on a calendar day, by its number; a new one begins without."""
        if day > self._day:
            self.offset = 0
        return self.offset if day == self._day else 0

    def fell(self, at_ms: int, volume: int) -> None:
        """A tick has a lower day volume than one before it, unless that is known already."""
        if not self._ticks:
            self._since_ms, self._volume, self._ticks = at_ms, volume, 1

    def forget(self) -> None:
        """What follows does not follow on what was."""
        self._ticks = 0

    def mend(self, day: int, at_ms: int, volume: int, highest: int, newest_ms: int) -> tuple[int, bool]:
        """The day volume that a tick stands for, its `offset` being added already; and whether it was corrected now.

        `highest` is the day volume so far, `newest_ms` the trade time of the newest tick.
        """
        if volume - highest > HALF and self.offset >= WRAP:
            volume -= WRAP  # of before the counter began anew
            if at_ms >= newest_ms:
                self.offset -= WRAP
        if volume >= highest:
            self._ticks = 0
            return volume, False
        if at_ms < newest_ms:
            return volume, False
        if not self._ticks:
            self.fell(at_ms, volume)
            return volume, False
        if highest - volume > HALF and at_ms >= self._since_ms + FORWARD_MS:
            self._shift(day, WRAP)
            self._count("volume_began_anew")
            return volume + WRAP, False
        if volume < self._volume:
            self._since_ms, self._volume, self._ticks = at_ms, volume, 1
        elif volume > self._volume:
            self._volume = volume
            self._ticks += 1
        if self._ticks >= CORRECTED_BY and at_ms - self._since_ms > CORRECTED_AFTER_MS:
            self._shift(day, highest - volume)
            self._count("exchange_correction")
            return highest, True
        return volume, False

    def _shift(self, day: int, by: int) -> None:
        self._ticks = 0
        self.offset += by
        self._day = day
