"""Name look-ups that cannot hold a connection up, with the last good answer in reserve."""

import socket
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from brokers.websocket.guard import Guard
from brokers.websocket.losses import lost

TURN_S = 0.05
"""How often a waiting caller looks whether it was cut off meanwhile."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a host listens: what `socket.socket` and `connect` take."""

    family: int
    address: tuple[Any, ...]
    """As the family has it: host and port, and more for IPv6."""

    @property
    def is_local(self) -> bool:
        """This machine itself."""
        return ip_address(self.address[0]).is_loopback


@dataclass(slots=True)
class _Lookup:
    """One look-up under way; `places` or `error` is set before `done`."""

    done: threading.Event = field(default_factory=threading.Event)
    places: list[Place] = field(default_factory=list)
    error: OSError | None = None


class Resolver:
    """Looks one feed's host up; lives across its connections.

    The system's look-up takes no time limit and may well take half a minute, so it has a thread, at most one.
    """

    def __init__(self) -> None:
        self._running: _Lookup | None = None
        self._running_for: tuple[str, int] | None = None
        self._good: dict[tuple[str, int], Place] = {}

    def places(self, host: str, port: int, guard: Guard) -> list[Place]:
        """Where to try, best first. With a good one from before, waits only half the time that is left.

        Raises: LostError.
        """
        good = self._good.get((host, port))
        lookup = self._start(host, port)
        patience = guard.left() / 2 if good else guard.left()
        waited = 0.0
        while not lookup.done.wait(TURN_S) and waited < patience and not guard.was_cut.is_set():
            waited += TURN_S
        if lookup.done.is_set():
            self._running = None
            if lookup.places:
                return lookup.places
        if good and not guard.was_cut.is_set():
            return [good]
        if lookup.error:
            raise lost("the name look-up failed", lookup.error)
        raise lost("the name look-up did not end in time")

    def worked(self, host: str, port: int, place: Place) -> None:
        """A connection to this place succeeded."""
        self._good[host, port] = place

    def _start(self, host: str, port: int) -> _Lookup:
        if self._running is not None and self._running_for == (host, port):
            return self._running
        lookup = self._running = _Lookup()
        self._running_for = (host, port)
        threading.Thread(target=_look_up, args=(lookup, host, port), name=f"look-up {host}", daemon=True).start()
        return lookup


def _look_up(lookup: _Lookup, host: str, port: int) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        lookup.places = [Place(family, address) for family, _type, _protocol, _name, address in found]
    except (OSError, UnicodeError) as error:  # UnicodeError: a host that is no host name
        lookup.error = error if isinstance(error, OSError) else OSError(0, "no host name")
    finally:
        lookup.done.set()
