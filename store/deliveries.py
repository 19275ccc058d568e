"""What the store knows about one alert on its way to one channel."""

from dataclasses import dataclass
from enum import StrEnum


class DeliveryState(StrEnum):
    """NEW → SENDING → DONE; a failure leads from SENDING to RETRY or UNKNOWN, and back, or to DEAD."""

    NEW = "new"
    SENDING = "sending"
    """Found at a start it means the same as UNKNOWN: the process ended in the middle."""
    RETRY = "retry"
    """It did not arrive and is tried again."""
    UNKNOWN = "unknown"
    """It may have arrived; it is tried again, and says so."""
    DONE = "done"
    DEAD = "dead"
    """The other side refused it for good."""


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """A delivery that is neither done nor dead."""

    outbox_id: int
    """Rises in the order of the commits."""
    state: DeliveryState
    attempts: int
    committed_ms: int
    """When its transition was committed, epoch milliseconds UTC by the local clock."""
    record: str
    """JSON of the transition."""
    entry_record: str | None
    """JSON of the entry this transition belongs to, if it is another one and known."""
    is_notice: bool = False
    """`record` is not a transition's but a notice's."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A delivery's new state."""

    outbox_id: int
    state: DeliveryState
    attempts: int
    error: str = ""
    """One sentence, without secrets."""
