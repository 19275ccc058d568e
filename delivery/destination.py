"""What a channel needs to know of the place it sends to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from delivery.alert import Alert, Announcement
from delivery.retry import Outcome


@dataclass(frozen=True, slots=True)
class Manners:
    """How much a destination takes at a time, and how often."""

    together: int
    """Most alerts in one send."""
    singly_up_to: int = 0
    """So many waiting alerts are sent one by one; more are gathered and sent together."""
    exits_first: bool = False
    """Exits overtake the entries of other symbols; else the order is that of the commits."""
    gather_s: float = 0.0
    """How long a burst is gathered before its first send."""
    spacing_s: float = 0.0
    """Least time between two sends."""
    per_minute: int | None = None
    """Most sends in any 60 seconds."""
    announces: bool = True
    """Whether it takes notices: a file of signals has no place for them."""


def attempt(destination: "Destination", alerts: Sequence[Alert | Announcement], following: int) -> Outcome:
    """Send alerts, or the notice that comes alone."""
    if isinstance(alerts[0], Announcement):
        return destination.announce(alerts[0])
    return destination.send([alert for alert in alerts if isinstance(alert, Alert)], following)


class Destination(Protocol):
    """One address; called by one thread at a time."""

    @property
    def manners(self) -> Manners:
        """The same for the destination's whole life."""
        ...

    def send(self, alerts: Sequence[Alert], following: int) -> Outcome:
        """Send at least one and at most `manners.together` alerts, after which `following` more wait.

        It may block, but must end by itself; an exception counts as a refusal.
        """
        ...

    def announce(self, announcement: Announcement) -> Outcome:
        """Send a notice, in the same way; never asked of one whose manners say that it takes none."""
        ...
