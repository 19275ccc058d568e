"""How fast a session is played."""

from dataclasses import dataclass

import numpy as np

from simulator.session import Floats, Integers

LONGEST_PAUSE_MS = 600_000
"""A longer time without any tick, such as a night, is skipped."""
SECOND_MS = 1000


class Pace:
    """As fast as the clients take it."""

    def schedule(self, due_ms: Integers) -> Floats | None:
        """Seconds after the start at which each tick is due, fewer than ticks if play ends before; None: at once.

        Args:
            due_ms: market time of each tick, epoch milliseconds, never falling.
        """
        del due_ms
        return None


@dataclass(frozen=True, slots=True)
class MarketPace(Pace):
    """The market's own clock, `speed` market seconds a second, pauses over ten minutes left out."""

    speed: float

    def schedule(self, due_ms: Integers) -> Floats | None:
        spread = _spread(due_ms)
        steps = np.diff(spread, prepend=spread[:1])
        steps[steps > LONGEST_PAUSE_MS] = 0
        return np.cumsum(steps) / (SECOND_MS * self.speed)


@dataclass(frozen=True, slots=True)
class ConstantPace(Pace):
    """So many ticks a second, whatever the market's clock said."""

    ticks_per_s: float
    seconds: float

    def schedule(self, due_ms: Integers) -> Floats | None:
        return np.arange(min(len(due_ms), round(self.ticks_per_s * self.seconds))) / self.ticks_per_s


def _spread(due_ms: Integers) -> Floats:
    """Ticks of one stamp spread evenly until the next one, at most over a second, the resolution of recordings."""
    _, first, run, count = np.unique(due_ms, return_index=True, return_inverse=True, return_counts=True)
    stamps = due_ms[first]
    room = np.minimum(np.diff(stamps, append=stamps[-1:] + SECOND_MS), SECOND_MS)
    rank = np.arange(len(due_ms)) - first[run]
    spread: Floats = due_ms + rank * room[run] / count[run]
    return spread
