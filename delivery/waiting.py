"""The deliveries of one channel that are on their way, each symbol's in order."""

from collections import defaultdict
from dataclasses import dataclass
from math import inf

from delivery.alert import Alert
from signals.record import from_json
from signals.signal import SignalType
from store.deliveries import DeliveryState, Mark, PendingDelivery


@dataclass(slots=True)
class Waiting:
    """One delivery; its alert says by itself whether it may be a repeat."""

    outbox_id: int
    alert: Alert
    committed_ms: int
    attempts: int
    due: float = 0.0
    """Monotonic time before which it is not tried again."""

    @classmethod
    def from_row(cls, row: PendingDelivery) -> "Waiting":
        """What the store has. Raises: ValueError when its record cannot be read."""
        entry = None if row.entry_record is None else from_json(row.entry_record)
        # SENDING, found in a row that nobody is sending, is the trace of a run that ended in between.
        repeat = row.state in {DeliveryState.SENDING, DeliveryState.UNKNOWN}
        alert = Alert(from_json(row.record), row.record, entry, repeat=repeat)
        return cls(row.outbox_id, alert, row.committed_ms, row.attempts)

    def mark(self, state: DeliveryState, error: str = "") -> Mark:
        """Its row in the store, in that state."""
        return Mark(self.outbox_id, state, self.attempts, error)


class WaitingList:
    """In the order of the commits; one that must wait keeps back only the later ones of its symbol."""

    def __init__(self) -> None:
        self._all: dict[int, Waiting] = {}

    def __len__(self) -> int:
        return len(self._all)

    def add(self, waiting: Waiting) -> None:
        """Put it at the end."""
        self._all[waiting.outbox_id] = waiting

    def remove(self, waiting: Waiting) -> None:
        """It is done or dead."""
        del self._all[waiting.outbox_id]

    def ready(self, now: float) -> list[Waiting]:
        """What may be sent now, in the order of the commits."""
        blocked, ready = set[str](), list[Waiting]()
        for waiting in self._all.values():
            symbol = waiting.alert.transition.symbol
            if symbol in blocked:
                continue
            if waiting.due > now:
                blocked.add(symbol)
            else:
                ready.append(waiting)
        return ready

    def next_due(self, now: float) -> float | None:
        """Seconds until something becomes ready; None when nothing waits."""
        hindered = [waiting.due - now for waiting in self._all.values() if waiting.due > now]
        return min(hindered, default=None)


def exits_first(ready: list[Waiting]) -> list[Waiting]:
    """Exits before entries, for they are what a trader has to act on; never before something of its own symbol."""
    first, then, later_symbols = list[Waiting](), list[Waiting](), set[str]()
    for waiting in ready:
        transition = waiting.alert.transition
        if transition.type is SignalType.ENTRY or transition.symbol in later_symbols:
            then.append(waiting)
            later_symbols.add(transition.symbol)
        else:
            first.append(waiting)
    return first + then


def best_first(ready: list[Waiting]) -> list[Waiting]:
    """Entries of the same minute by their score, the highest first, in the places that they have among the others.

    Those of one symbol keep their order, and where it has anything else to tell they stay where they are.
    """
    minutes = defaultdict[str, set[int]](set)
    for waiting in ready:
        transition = waiting.alert.transition
        minutes[transition.symbol].add(transition.time_ms if transition.type is SignalType.ENTRY else -1)
    places = defaultdict[int, list[int]](list)
    lowest: dict[str, float] = {}
    scores: dict[int, float] = {}
    for place, waiting in enumerate(ready):
        transition = waiting.alert.transition
        if transition.type is SignalType.ENTRY and len(minutes[transition.symbol]) == 1:
            score = -inf if transition.score is None else transition.score
            scores[place] = lowest[transition.symbol] = min(score, lowest.get(transition.symbol, score))
            places[transition.time_ms].append(place)
    ordered = list(ready)
    for minute in places.values():
        best = sorted(minute, key=scores.__getitem__, reverse=True)  # which keeps the order of equals
        for place, chosen in zip(minute, best, strict=True):
            ordered[place] = ready[chosen]
    return ordered
