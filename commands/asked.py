"""What the process is asked to do by signals of the system: to end, or to reload."""

import os
import signal
from collections.abc import Callable
from enum import Enum
from queue import Empty, SimpleQueue
from types import FrameType

STDIN = 0


class Asked(Enum):
    """What a signal asks for."""

    END = "end"
    RELOAD = "reload"


class Signals:
    """Hears SIGTERM, Ctrl-C and SIGHUP; made and asked on the main thread.

    A handler runs between any two steps of the main thread, also while that holds the lock of an Event, for which it
    would then wait for ever. A SimpleQueue may be put to at any time.
    """

    def __init__(self) -> None:
        """Hear SIGHUP from now on; until `hear_the_end` SIGTERM and Ctrl-C end the process at once."""
        self._asked: SimpleQueue[Asked] = SimpleQueue()
        self._is_to_end = False
        self._on_end(_leave)
        if hasattr(signal, "SIGHUP"):  # not on Windows
            had_terminal = os.isatty(STDIN)
            # It also comes because our terminal is gone.
            signal.signal(signal.SIGHUP, lambda *_: self._hang_up(gone=had_terminal and not os.isatty(STDIN)))

    def hear_the_end(self) -> None:
        """From now on there is something to finish: SIGTERM and Ctrl-C are told by `wait`."""
        self._on_end(lambda *_: self._asked.put(Asked.END))

    def wait(self, timeout_s: float) -> Asked | None:
        """What is asked for, None when nothing was for so long; many reloads are one, and the end is told for ever."""
        found: Asked | None = None
        try:
            while not self._is_to_end:
                found = self._asked.get(timeout=0 if found else timeout_s)
                self._is_to_end = found is Asked.END
        except Empty:
            return found
        return Asked.END

    def _hang_up(self, *, gone: bool) -> None:
        self._asked.put(Asked.END if gone else Asked.RELOAD)

    @staticmethod
    def _on_end(do: Callable[[int, FrameType | None], None]) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, do)


def _leave(*_: object) -> None:
    """Until something is at work there is nothing to finish, and a slow server must not keep us."""
    raise SystemExit(0)
