"""So many requests a second and no more: one limiter for each kind of request of an account."""

import threading

from market.clock import Clock


class Limiter:
    """Requests go out evenly, from any thread, and none before the time the server asked us to wait."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._spacing_s = 1 / per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock.monotonic()
        """Before this, in monotonic seconds, no request may go out."""

    def hold(self, seconds: float) -> None:
        """The server said "wait": no request goes out for so long."""
        with self._lock:
            self._next = max(self._next, self._clock.monotonic() + seconds)

    def claim(self) -> float:
        """Take the turn if it is free and return 0.0, or return how many seconds to wait before asking again."""
        with self._lock:
            now = self._clock.monotonic()
            if now < self._next:
                return self._next - now
            self._next = now + self._spacing_s
            return 0.0

    def wait(self, stopping: threading.Event) -> bool:
        """Wait for a turn and take it; False when `stopping` was set meanwhile."""
        while left := self.claim():
            if stopping.wait(left):
                return False
        return not stopping.is_set()
