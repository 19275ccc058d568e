"""Cuts a connection attempt from outside: no call that blocks can be trusted to end by itself."""

import socket
import threading
from contextlib import suppress

from brokers.websocket.losses import lost
from market.clock import Clock


class Guard:
    """One attempt's time limit, on a thread of its own; also how another thread ends the connection at once.

    A time limit of each read does not help against a server that sends one byte a second, and none can be set on a
    name look-up. Cutting shuts the socket down, which wakes every call that waits on it.
    """

    def __init__(self, seconds: float, clock: Clock, name: str) -> None:
        self.was_cut = threading.Event()
        """Set once the connection was cut from our side."""
        self._clock = clock
        self._deadline = clock.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self.cut)
        self._timer.name = name
        self._timer.daemon = True
        self._timer.start()

    def watch(self, connection: socket.socket) -> None:
        """Cut this socket from now on, instead of one named before. Raises: LostError, when it is too late."""
        with self._lock:
            self._socket = connection
            if self.was_cut.is_set():
                raise lost("out of time" if self.is_late else "asked to stop")

    @property
    def is_late(self) -> bool:
        """The time limit has passed."""
        return self._clock.monotonic() >= self._deadline

    def left(self) -> float:
        """Seconds left, never under 0.001, which would mean something else to a socket."""
        return max(0.001, self._deadline - self._clock.monotonic())

    def release(self) -> None:
        """In time: no limit from here on. `cut` still works."""
        self._timer.cancel()

    def cut(self) -> None:
        """End it now; from any thread."""
        self._timer.cancel()
        self.was_cut.set()
        with self._lock, suppress(OSError):  # not connected yet, or closed already
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
