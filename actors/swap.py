"""New rules for all symbols while ticks flow: each gets its new study in the place of its old one."""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from actors.outlets import Outlets
from actors.pool import Job
from actors.symbol_actor import SymbolActor
from engine.study import Study
from engine.takeover import wants_history, warm
from market.bar import MINUTE_MS, Bar

SLICE = 25
"""Symbols in one go: ticks that arrive meanwhile wait for no more."""


@dataclass(slots=True)
class Successor:
    """What a symbol is to go on with."""

    actor: SymbolActor
    study: Study
    renewals: int
    """How often the old study had begun anew when this one was made."""
    is_warmed: bool = False
    """It has taken the bars that had closed when `Closing` ran; without, all it has is taken over."""


class Closing:
    """From now on the bars that close are kept, for studies whose history is being read meanwhile."""

    __slots__ = ("_actors", "_begun", "_outlets", "until_ms")

    def __init__(self, actors: Iterable[SymbolActor], outlets: Outlets, begun: threading.Event) -> None:
        self._actors, self._outlets, self._begun = actors, outlets, begun
        self.until_ms = 0
        """End of the last minute that is over, epoch milliseconds UTC."""

    def run(self) -> None:
        self._outlets.closed_since = []
        self.until_ms = max(actor.bars.closed_through for actor in self._actors) + MINUTE_MS
        self._begun.set()


class Abandoned:
    """There will be no swap."""

    __slots__ = ("_outlets",)

    def __init__(self, outlets: Outlets) -> None:
        self._outlets = outlets

    def run(self) -> None:
        self._outlets.closed_since = None


class Swap:
    """Puts the new studies in place, a slice at a time: after each it goes to the end of the queue.

    A minute that ends meanwhile waits until all are in place, so one set of rules decides about each minute.
    """

    def __init__(
        self,
        successors: Sequence[Successor],
        unchanged: Collection[str],
        outlets: Outlets,
        put: Callable[[Job], None],
        reorder: Callable[[Sequence[SymbolActor]], None],
        done: Callable[[], None],
    ) -> None:
        """`successors`: those first that the rules of others read; `unchanged`: strategies by name.

        When all are in place, `reorder` gets them in that order, and `done` is called.
        """
        self._ordered = [successor.actor for successor in successors]
        self._left = list(reversed(successors))
        self._unchanged, self._outlets = unchanged, outlets
        self._put, self._reorder, self._done = put, reorder, done
        self._closed: dict[str, list[Bar]] = {}
        self.stale: list[SymbolActor] = []
        """Symbols that began anew after their history was read: what is new there lacks what they were given then."""

    def run(self) -> None:
        """One slice."""
        self._outlets.swap = self
        self._take_over(SLICE)
        if self._left:
            self._put(self)

    def finish(self) -> None:
        """All that are left."""
        self._take_over(len(self._left))

    def _take_over(self, count: int) -> None:
        if not self._left:
            return  # a minute has ended meanwhile
        for symbol, bar in self._outlets.closed_since or ():
            self._closed.setdefault(symbol, []).append(bar)
        self._outlets.closed_since = None
        for _ in range(min(count, len(self._left))):
            successor = self._left.pop()
            if successor.actor.actor_stopped.is_set():
                continue
            try:
                self._one(successor)
            except BaseException:  # noqa: BLE001 - whatever one symbol raises ends that symbol alone
                successor.actor.fail()
        if not self._left:
            self._outlets.swap = None
            self._reorder(self._ordered)
            self._done()

    def _one(self, successor: Successor) -> None:
        actor, study = successor.actor, successor.study
        if successor.is_warmed:
            closed = self._closed.get(actor.instrument.symbol, ())
            warm(study, closed, actor.bars.closed_through + MINUTE_MS)
        if actor.study.renewals != successor.renewals and (successor.is_warmed or wants_history(study, actor.study)):
            self.stale.append(actor)
        actor.take_over(study, self._unchanged)
