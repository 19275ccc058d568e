"""What is wanted from the broker's history, the most urgent first."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf

from market.days import midnight_before
from market.sessions import DAY_MS

NOT_YET_S = (2.0, 5.0, 10.0)
"""Waits after "not yet"; the last one again and again."""
GIVE_UP_S = 180.0
"""A broker that has had nothing for so long has nothing."""


@dataclass(slots=True)
class Need:
    """One symbol's missing minutes `[since_ms, until_ms)`, epoch milliseconds UTC.

    It is met when the answers reach from one end to the other. An empty one asks nobody: its symbol only begins anew.
    """

    key: int
    since_ms: int
    until_ms: int
    due: float = -inf
    """Not before, monotonic seconds."""
    tries: int = 0
    first_tried: float = inf
    """Monotonic seconds."""
    is_older: bool = False
    """All that is newer is there."""
    rebuild: bool = False
    """Its symbol begins anew in the end, whatever comes."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to ask for."""
        return self.since_ms >= self.until_ms

    def newest(self, longest_days: int, over_ms: int) -> tuple[int, int]:
        """What one request asks for, the newest part: today's indicators and holes wait for no older one.

        With it comes all up to `over_ms`, the last minute that is over.
        """
        until = self.until_ms if self.is_older else over_ms
        return max(self.since_ms, midnight_before(until - 1) - (longest_days - 1) * DAY_MS), until

    def go_on_before(self, since_ms: int) -> None:
        """All from then on is there; the rest is yet to be asked for."""
        self.until_ms, self.is_older = since_ms, True
        self.tries, self.first_tried = 0, inf

    def join(self, other: "Need") -> None:
        """Take in one of the same symbol that waits, too."""
        self.rebuild |= other.rebuild
        if other.is_empty:
            return
        if self.is_empty:
            self.since_ms, self.until_ms, self.is_older = other.since_ms, other.until_ms, other.is_older
            self.due = other.due
        else:
            self.since_ms, self.until_ms = min(other.since_ms, self.since_ms), max(other.until_ms, self.until_ms)
            self.is_older &= other.is_older
            self.due = min(other.due, self.due)
        self.tries, self.first_tried = max(other.tries, self.tries), min(other.first_tried, self.first_tried)


class Needs:
    """Needs by symbol, one each; from any thread."""

    def __init__(self, urgency: Callable[[Need], tuple[float, ...]]) -> None:
        """`urgency`: what is small goes first; asked anew each time."""
        self._urgency = urgency
        self._waiting: dict[int, Need] = {}
        self._taken: dict[int, Need] = {}
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """How many wait or are being asked for."""
        with self._changed:
            return len(self._waiting.keys() | self._taken.keys())

    def left(self, longest_days: int) -> tuple[int, int]:
        """How many symbols want something of the broker, and about how many requests that takes."""
        with self._changed:
            asking = [need for need in (*self._waiting.values(), *self._taken.values()) if not need.is_empty]
        days = ((need.until_ms - need.since_ms) / DAY_MS for need in asking)
        return len({need.key for need in asking}), sum(max(1, ceil(each / longest_days)) for each in days)

    def want(self, need: Need) -> None:
        """One more, or a wider one in place of the same symbol's."""
        with self._changed:
            known = self._waiting.get(need.key)
            if known is not None:
                need.join(known)
            self._waiting[need.key] = need
            self._changed.notify()

    def take(self, now: float, wait_s: float = 0.0) -> Need | None:
        """The most urgent one that is due, or None after `wait_s`; `done` or `again` must follow."""
        with self._changed:
            if not (due := self._due(now)):
                self._changed.wait(wait_s)
                due = self._due(now)
            if not due:
                return None
            need = min(due, key=self._urgency)
            self._taken[need.key] = need
            return self._waiting.pop(need.key)

    def done(self, need: Need) -> None:
        """It is over, one way or the other."""
        with self._changed:
            self._taken.pop(need.key, None)
            self._changed.notify()

    def again(self, need: Need, now: float, wait_s: float) -> None:
        """Not now: after `wait_s`."""
        with self._changed:
            self._taken.pop(need.key, None)
        need.due = now + wait_s
        self.want(need)

    def _due(self, now: float) -> list[Need]:
        # Never two requests for one symbol at once.
        return [need for need in self._waiting.values() if need.due <= now and need.key not in self._taken]


def wait_after(tries: int) -> float:
    """Seconds until the next try after so many that came too early."""
    return NOT_YET_S[min(tries, len(NOT_YET_S)) - 1]
