"""The clock's thread: minute ends by the wall, and a tick a second for health."""

import threading
from collections.abc import Generator

from actors.heartbeat import Heartbeat
from actors.messages import HealthMessage, HealthTick, Ref
from actors.router import Router
from actors.tell import tell_if_alive
from market.bar import MINUTE_MS
from market.clock import Clock

SURVEY_EVERY = 10
"""Seconds between surveys of the symbols."""


class Timer:
    """Tells the router that a minute ended, a grace period after each; asks for surveys; ticks for health."""

    def __init__(
        self, clock: Clock, router: Router, health: Ref[HealthMessage], grace_ms: int, *, wall_minutes: bool
    ) -> None:
        self._clock, self._router, self._health = clock, router, health
        self._grace_ms = grace_ms
        self._wall_minutes = wall_minutes
        """False when the data tells the time."""
        self._stopping = threading.Event()
        self._told = self._over()
        self._thread = threading.Thread(target=self._run, name="timer", daemon=True)
        self.heartbeat = Heartbeat("timer")

    def start(self) -> None:
        """Start; by the wall the minutes before now are over at once, so that an old snapshot opens no bar."""
        if self._wall_minutes:
            self._router.minute_ended(self._told, self._clock.now_ms())
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5)

    def _over(self) -> int:
        """Start of the last minute that is over, with its grace time."""
        reached = self._clock.now_ms() - self._grace_ms
        return reached - reached % MINUTE_MS - MINUTE_MS

    def _run(self) -> None:
        turns = self._turns()
        while not self._stopping.wait(next(turns)):
            self.heartbeat.beat()

    def _turns(self) -> Generator[float, None, None]:
        """Do what is due; yield the seconds until something is."""
        seconds = 0
        next_second = self._clock.monotonic()
        while True:
            if self._wall_minutes and (over := self._over()) > self._told:
                self._told = over
                self._router.minute_ended(over, self._clock.now_ms())
            if (now := self._clock.monotonic()) >= next_second:
                next_second = now + 1
                tell_if_alive(self._health, HealthTick(now))  # minutes end without it, too
                if seconds % SURVEY_EVERY == 0:
                    self._router.survey(self._health)
                seconds += 1
            yield self._wait(next_second)

    def _wait(self, next_second: float) -> float:
        until_second = next_second - self._clock.monotonic()
        if not self._wall_minutes:
            return max(0.0, until_second)
        until_minute = (self._told + 2 * MINUTE_MS + self._grace_ms - self._clock.now_ms()) / 1000
        return max(0.0, min(until_second, until_minute))
