"""The deliveries of one channel that are on their way, each symbol's in order."""

from collections import defaultdict
from dataclasses import dataclass, replace
from math import inf

from delivery.alert import Alert, Announcement
from delivery.notice import from_json as notice_from_json
from signals.record import from_json
from signals.signal import SignalType
from store.deliveries import DeliveryState, Mark, PendingDelivery


@dataclass(slots=True)
class Waiting:
    """One delivery; its alert says by itself whether it may be a repeat."""

    outbox_id: int
    alert: Alert | Announcement
    committed_ms: int
    attempts: int
    due: float = 0.0
    """Monotonic time before which it is not tried again."""

    @classmethod
    def from_row(cls, row: PendingDelivery) -> "Waiting":
        """What the store has. Raises: ValueError when its record cannot be read."""
        # SENDING, found in a row that nobody is sending, is the trace of a run that ended in between.
        repeat = row.state in {DeliveryState.SENDING, DeliveryState.UNKNOWN}
        if row.is_notice:
            announcement = Announcement(notice_from_json(row.record), row.record, repeat=repeat)
            return cls(row.outbox_id, announcement, row.committed_ms, row.attempts)
        entry = None if row.entry_record is None else from_json(row.entry_record)
        alert = Alert(from_json(row.record), row.record, entry, repeat=repeat)
        return cls(row.outbox_id, alert, row.committed_ms, row.attempts)

    def is_overdue(self, now_ms: int, after_ms: int) -> bool:
        """Whether it waits longer than that; then its alert says so."""
        if not isinstance(self.alert, Alert):
            return False
        if not self.alert.overdue and now_ms - self.committed_ms > after_ms:
            self.alert = replace(self.alert, overdue=True)
        return self.alert.overdue

    @property
    def symbol(self) -> str:
        """What it is about; empty for a notice."""
        return self.alert.transition.symbol if isinstance(self.alert, Alert) else ""

    @property
    def short_id(self) -> str:
        """Four characters that people can read aloud."""
        return self.alert.transition.short_id if isinstance(self.alert, Alert) else self.alert.notice.short_id

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
        """What may be sent now, in the order of the commits; a notice goes first, and alone."""
        blocked, ready = set[str](), list[Waiting]()
        for waiting in self._all.values():
            symbol = waiting.symbol
            if symbol in blocked:
                continue
            if waiting.due > now:
                blocked.add(symbol)
            else:
                ready.append(waiting)
        notices = [waiting for waiting in ready if isinstance(waiting.alert, Announcement)]
        return notices[:1] or ready

    def next_due(self, now: float) -> float | None:
        """Seconds until something becomes ready; None when nothing waits."""
        hindered = [waiting.due - now for waiting in self._all.values() if waiting.due > now]
        return min(hindered, default=None)


def exits_first(ready: list[Waiting]) -> list[Waiting]:
    """Exits before entries, for they are what a trader has to act on; never before something of its own symbol."""
    first, then, later_symbols = list[Waiting](), list[Waiting](), set[str]()
    for waiting in ready:
        alert = waiting.alert
        is_entry = isinstance(alert, Alert) and alert.transition.type is SignalType.ENTRY
        if is_entry or waiting.symbol in later_symbols:
            then.append(waiting)
            later_symbols.add(waiting.symbol)
        else:
            first.append(waiting)
    return first + then


def best_first(ready: list[Waiting]) -> list[Waiting]:
    """Entries of the same minute by their score, the highest first, in the places that they have among the others.

    Those of one symbol keep their order, and where it has anything else to tell they stay where they are.
    """
    told = [(place, one.alert.transition) for place, one in enumerate(ready) if isinstance(one.alert, Alert)]
    told = [(place, one.alert.transition) for place, one in enumerate(ready) if isinstance(one.alert, Alert)]
    minutes = defaultdict[str, set[int]](set)
    for _, transition in told:
        minutes[transition.symbol].add(transition.time_ms if transition.type is SignalType.ENTRY else -1)
    places = defaultdict[int, list[int]](list)
    lowest: dict[str, float] = {}
    scores: dict[int, float] = {}
    for place, transition in told:
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
