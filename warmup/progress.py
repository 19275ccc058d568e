"""How far the fetching of history is, for the health report and for whoever waits for its end."""

import threading
from collections.abc import Callable

from actors.messages import HealthMessage, HistoryStatus, Ref
from actors.tell import tell_if_alive
from market.clock import Clock
from warmup.needs import Needs

PACE_S = 0.25
"""A request, as long as none was answered."""
SPEAK_S = 120.0
"""Who missed something wants to know it soon: by then the open signals and the most traded are repaired."""


class Progress:
    """Counts answers, and tells; from any thread."""

    def __init__(
        self,
        everyone: int,
        needs: Needs,
        clock: Clock,
        health: Ref[HealthMessage],
        on_repaired: Callable[[int], None] | None,
        longest_days: int,
    ) -> None:
        """`on_repaired` is told once how many of `everyone` still wait: when none does, or after `SPEAK_S`.

        One request touches `longest_days` at most.
        """
        self._longest_days = longest_days
        self._everyone = everyone
        self._needs, self._clock, self._health, self._on_repaired = needs, clock, health, on_repaired
        self._began = clock.monotonic()
        self._busy_since: float | None = self._began
        self._answered_before = 0
        self._speaking = threading.Lock()
        self.answers = 0
        """Requests that were answered."""
        self.is_planned = False
        """Whether it is known who wants history."""

    def tell(self, trouble: str) -> None:
        """Tell health how many are left and how long that takes; `trouble` is why it does not go on."""
        left, requests = self._needs.left(self._longest_days)
        now = self._clock.monotonic()
        if not left:
            self._busy_since = None
        elif self._busy_since is None:  # what was asked this morning says nothing of the pace now
            self._busy_since, self._answered_before = now, self.answers
        answered, since = self.answers - self._answered_before, self._busy_since
        pace = (now - since) / answered if answered and since is not None else PACE_S
        tell_if_alive(self._health, HistoryStatus(left, requests * pace, trouble))

    def speak_once(self) -> None:
        """Tell whoever waits for the repairs, if it is time and it was not done."""
        is_late = self._clock.monotonic() - self._began >= SPEAK_S
        if self._on_repaired is None or not (is_late or (self.is_planned and not self._needs)):
            return
        with self._speaking:
            speak, self._on_repaired = self._on_repaired, None
        if speak is not None:
            speak(len(self._needs) if self.is_planned else self._everyone)
