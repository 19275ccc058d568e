"""Finds the threads that do not move although work waits for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from actors.heartbeat import Heartbeat

STUCK_AFTER_S = 10.0
_LONGEST_STEP_S = 2.0
"""At most so much silence is counted between two looks: when the whole process stood still (a suspended laptop, a
paused machine) the clock ran on, but no thread had its chance to move."""


@dataclass(slots=True)
class Watched:
    """One heartbeat as it was last seen."""

    heartbeat: Heartbeat
    beats: int
    silent_s: float = 0.0
    """How long it has not moved while work waited, seconds."""
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What changed since the look before."""

    stuck: tuple[str, ...] = ()
    moving_again: tuple[str, ...] = ()


class Watchdog:
    """Stuck is a heartbeat that stays the same for ten seconds while its backlog is not empty."""

    def __init__(self, heartbeats: Iterable[Heartbeat]) -> None:
        self.watched: list[Watched] = []
        self._looked_at: float | None = None
        self.watch(heartbeats)

    def watch(self, heartbeats: Iterable[Heartbeat]) -> None:
        """Look after these too."""
        self.watched += [Watched(heartbeat, heartbeat.beats) for heartbeat in heartbeats]

    def forget(self, heartbeats: Iterable[Heartbeat]) -> None:
        """These have ended."""
        ended = set(map(id, heartbeats))
        self.watched = [watched for watched in self.watched if id(watched.heartbeat) not in ended]

    def look(self, monotonic: float) -> Look:
        """Look at every heartbeat; `monotonic` is the time of looking, in seconds."""
        step_s = 0.0 if self._looked_at is None else min(monotonic - self._looked_at, _LONGEST_STEP_S)
        self._looked_at = monotonic
        stuck, moving_again = [], []
        for watched in self.watched:
            heartbeat = watched.heartbeat
            if heartbeat.beats != watched.beats or heartbeat.backlog() == 0:
                watched.beats, watched.silent_s = heartbeat.beats, 0.0
                if watched.stuck:
                    watched.stuck = False
                    moving_again.append(heartbeat.name)
                continue
            watched.silent_s += step_s
            if watched.silent_s >= STUCK_AFTER_S and not watched.stuck:
                watched.stuck = True
                stuck.append(heartbeat.name)
        return Look(tuple(stuck), tuple(moving_again))
