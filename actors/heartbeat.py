"""A progress counter: how the health actor sees that a thread still moves."""

from collections.abc import Callable


def _nothing_waits() -> int:
    return 0


class Heartbeat:
    """Bumped by its owner once per turn of its loop; stuck means no beat although work waits."""

    __slots__ = ("backlog", "beats", "name")

    def __init__(self, name: str, backlog: Callable[[], int] = _nothing_waits) -> None:
        self.name = name
        self.backlog = backlog
        """How many pieces of work wait for the owner; callable from any thread."""
        self.beats = 0
        """Turns of the thread's loop so far."""

    def beat(self) -> None:
        """One turn of the loop is done."""
        self.beats += 1
