"""Has all symbols go on by other strategies: new studies are made and warmed beside the old ones, then put in place."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from actors.outlets import Outlets
from actors.pool import Worker
from actors.router import Router
from actors.swap import Abandoned, Closing, Successor, Swap
from actors.symbol_actor import SymbolActor
from engine.playbook import Playbook
from engine.study import Study
from engine.takeover import wants_history, warm
from errors import SettingsError, SignalsError
from market.bar import Bar

TURN_S = 0.5

Past: TypeAlias = Callable[[SymbolActor, int], Sequence[Bar]]
"""A symbol's 1-minute bars that had closed when it is called: today's, and so many minutes of trading before."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What other strategies meant for the symbols."""

    warmed: int
    """Symbols with something new that had to be warmed from their past."""
    bars: int
    """1-minute bars found for it."""
    unwatched: tuple[str, ...]
    """Symbols that rules read though nobody watches them."""
    stale: tuple[SymbolActor, ...]
    """Symbols that must be rebuilt: they began anew on other bars while their past was read."""


class Reload:
    """One change of strategies."""

    def __init__(
        self, worker: Worker, router: Router, outlets: Outlets, actors: Collection[SymbolActor], playbook: Playbook
    ) -> None:
        """Make the new studies. Raises: SettingsError, for a strategy that cannot be built."""
        self._worker, self._router, self._outlets, self._playbook = worker, router, outlets, playbook
        # Those that rules of others read take their bars first.
        ordered = sorted(actors, key=lambda actor: playbook.rank(actor.instrument.symbol))
        self._successors = [Successor(actor, _study(actor, playbook), actor.study.renewals) for actor in ordered]

    def run(self, unchanged: Collection[str], past: Past) -> Reloaded:
        """Warm what is new, and have all symbols go on by the new studies; not on the worker's thread.

        `unchanged` names the strategies that are the same. Raises: SettingsError, and what `past` raises; then nothing
        has changed.
        """
        wanting = {id(each) for each in self._successors if wants_history(each.study, each.actor.study)}
        bars = 0
        if wanting:
            begun = threading.Event()
            closing = Closing([each.actor for each in self._successors], self._outlets, begun)
            self._router.put(closing)
            self._wait(begun)
            try:
                for each in self._successors:
                    if id(each) in wanting or self._playbook.reads(each.actor.instrument.symbol):
                        bars += _warm(each, past, closing.until_ms)
            except BaseException:
                self._router.put(Abandoned(self._outlets))
                raise
        swapped = threading.Event()
        swap = Swap(self._successors, unchanged, self._outlets, self._router.put, self._router.reorder, swapped.set)
        self._router.put(swap)
        self._wait(swapped)
        watched = {each.actor.instrument.symbol for each in self._successors}
        unwatched = tuple(sorted(self._playbook.references.symbols - watched))
        return Reloaded(len(wanting), bars, unwatched, tuple(swap.stale))

    def _wait(self, done: threading.Event) -> None:
        while not done.wait(TURN_S):
            if not self._worker.is_alive:
                raise SignalsError("the symbols' thread has ended")


def _study(actor: SymbolActor, playbook: Playbook) -> Study:
    instrument = actor.instrument
    plans, unasked = playbook.plans(instrument), playbook.unasked(instrument)
    return Study(instrument, actor.hours, plans, playbook.references, unasked=unasked)


def _warm(successor: Successor, past: Past, until_ms: int) -> int:
    """Have a new study take the bars that closed so far; how many there are."""
    actor, study = successor.actor, successor.study
    bars = [bar for bar in past(actor, study.minutes) if bar.end_ms <= until_ms]
    try:
        warm(study, bars, until_ms)
    except Exception as error:  # a strategy in Python is a user's own code and may fail in any way
        why = f"{actor.instrument.symbol}: it fails on its past: {type(error).__name__}: {error}"
        raise SettingsError([why]) from error
    successor.is_warmed = True
    return len(bars)
