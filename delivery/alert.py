"""One alert as a channel hands it to its destination."""

from dataclasses import dataclass

from delivery.notice import Notice
from signals.signal import Transition


@dataclass(frozen=True, slots=True)
class Alert:
    """A committed transition on its way to one destination."""

    transition: Transition
    record: str
    """Its JSON, word for word as the store has it."""
    entry: Transition | None = None
    """The entry it ends, when that is known."""
    repeat: bool = False
    """An earlier attempt may have arrived."""
    overdue: bool = False
    """It waited so long for this channel that it is history, not news."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A committed notice on its way to one destination."""

    notice: Notice
    record: str
    """Its JSON, word for word as the store has it."""
    repeat: bool = False
    """An earlier attempt may have arrived."""
