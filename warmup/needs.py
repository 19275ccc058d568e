"""What is wanted from the broker's history, the most urgent first."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

NOT_YET_S = (2.0, 5.0, 10.0)
"""Waits after "not yet"; the last one again and again."""
GIVE_UP_S = 180.0
"""A broker that has had nothing for so long has nothing."""


@dataclass(slots=True)
class Need:
    """One symbol's missing minutes `[since_ms, until_ms)`, epoch milliseconds UTC.

    All from `since_ms` on is asked for; it is met when the answer reaches `until_ms`.
    """

    key: int
    since_ms: int
    until_ms: int
    due: float = -inf
    """Not before, monotonic seconds."""
    tries: int = 0
    first_tried: float = inf
    """Monotonic seconds."""


class Needs:
    """Needs by symbol, one each; from any thread."""

    def __init__(self, urgency: Callable[[Need], tuple[float, ...]]) -> None:
        """`urgency`: what is small goes first; asked anew each time."""
        self._urgency = urgency
        self._waiting: dict[int, Need] = {}
        self._taken: set[int] = set()
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """How many wait or are being asked for."""
        with self._changed:
            return len(self._waiting.keys() | self._taken)

    def want(self, need: Need) -> None:
        """One more, or a wider one in place of the same symbol's."""
        with self._changed:
            known = self._waiting.get(need.key)
            if known is not None:
                need.since_ms, need.until_ms = min(known.since_ms, need.since_ms), max(known.until_ms, need.until_ms)
                need.tries, need.first_tried = (
                    max(known.tries, need.tries),
                    min(known.first_tried, need.first_tried),
                )
                need.due = min(known.due, need.due)
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
            self._taken.add(need.key)
            return self._waiting.pop(need.key)

    def done(self, need: Need) -> None:
        """It is over, one way or the other."""
        with self._changed:
            self._taken.discard(need.key)
            self._changed.notify()

    def again(self, need: Need, now: float, wait_s: float) -> None:
        """Not now: after `wait_s`."""
        with self._changed:
            self._taken.discard(need.key)
        need.due = now + wait_s
        self.want(need)

    def _due(self, now: float) -> list[Need]:
        # Never two requests for one symbol at once.
        return [need for need in self._waiting.values() if need.due <= now and need.key not in self._taken]


def wait_after(tries: int) -> float:
    """Seconds until the next try after so many that came too early."""
    return NOT_YET_S[min(tries, len(NOT_YET_S)) - 1]
