"""Waiting until the symbols have handled everything that was queued for them, and ending them."""

import threading
from typing import Final

from pykka import ActorRegistry

from actors.line import Line

LONGEST_S: Final = 120.0


class _Reached:
    """A job that tells that its turn has come."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def run(self) -> None:
        self.event.set()


def drain(line: Line) -> None:
    """Return when all that was put before is done. Raises: TimeoutError."""
    reached = _Reached()
    line.router.put(reached)
    if not reached.event.wait(LONGEST_S):
        raise TimeoutError("the symbols do not finish")


def end(line: Line) -> None:
    """Stop it and let go of its actors, which pykka's registry would keep for ever."""
    line.stop(LONGEST_S)
    for actor in ActorRegistry.get_all():
        ActorRegistry.unregister(actor)
