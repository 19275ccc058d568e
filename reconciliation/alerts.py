"""What each side's bars make the strategies say."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from loguru import logger

from actors.jobs import History
from actors.line import Line
from actors.messages import AlertMessage, HealthMessage, Raised, SymbolFailed
from market.bar import MINUTE_MS, Bar
from market.days import start_of_day
from reconciliation.pair import Pair
from replay.layout import Contents
from replay.player import play
from replay.recording import Recording
from replay.rows import Rows
from settings.strategy_schema import StrategySettings
from signals.signal import Transition
from warmup.wanted import Wanted

STOP_S: Final = 5.0

Past = Callable[[Mapping[str, int]], Iterable[Sequence[tuple[str, Bar]]]]
"""Gives the bars of earlier days, each symbol's from a moment of its own on (epoch milliseconds UTC), oldest first, in
pieces; for each side."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the strategies say on our bars and on the broker's, matched by fingerprint; each oldest first."""

    same: int
    would_not_fire: tuple[Transition, ...]
    """Ours alone: the broker's bars do not give them."""
    missing: tuple[Transition, ...]
    """Theirs alone: our bars do not give them."""

    @property
    def ours(self) -> int:
        """How many our bars give."""
        return self.same + len(self.would_not_fire)


def compare_alerts(pair: Pair, strategies: Sequence[StrategySettings], past: Past, watched_since_ms: int = 0) -> Alerts:
    """Play both sides through the line that is used live, each after the past that a start would recall.

    Bars that closed before `watched_since_ms`, epoch milliseconds UTC, make no entry, as they made none that day.

    Raises: SettingsError, for a strategy that cannot be built.
    """
    ours, theirs = (_said(rows, pair, strategies, past, watched_since_ms) for rows in (pair.ours, pair.theirs))
    return Alerts(
        len(ours.keys() & theirs.keys()),
        tuple(transition for identity, transition in ours.items() if identity not in theirs),
        tuple(transition for identity, transition in theirs.items() if identity not in ours),
    )


def _said(
    rows: Rows, pair: Pair, strategies: Sequence[StrategySettings], past: Past, watched_since_ms: int
) -> dict[str, Transition]:
    """By fingerprint."""
    listener = _Listener()
    line = Line(strategies, dict(enumerate(pair.instruments)), _forget, listener, listener, None, sessions=pair.table)
    line.start()
    try:
        _warm(line, past, start_of_day(pair.day))
        for runner in (runner for actor in line.actors.values() for runner in actor.runners):
            runner.quiet_until_ms = watched_since_ms
        play(Recording(Contents.BARS, pair.instruments, rows), line, lambda _: None)
        if pair.close_ms:  # also when the last minute had no trade
            line.router.minute_ended(pair.close_ms - MINUTE_MS, pair.close_ms)
        line.router.finished()
        line.router.over.wait()
    finally:
        line.stop(STOP_S)
    by_time = sorted(listener.transitions, key=lambda transition: (transition.time_ms, transition.symbol))
    return {transition.id: transition for transition in by_time}


def _warm(line: Line, past: Past, today_ms: int) -> None:
    actors = {actor.instrument.symbol: actor for actor in line.actors.values()}
    for piece in past(Wanted(line).sinces(today_ms)):
        line.router.put(
            History([(actors[symbol], bar, bar.start_ms >= today_ms) for symbol, bar in piece if symbol in actors])
        )
        # One piece at a time: the days before are many bars.
        done = threading.Event()
        line.router.put(_Done(done))
        done.wait()


def _forget(_: Sequence[tuple[str, Bar]]) -> None:
    """The bars are the ones that were played."""


class _Done:
    """Tells that what was queued before it is done."""

    __slots__ = ("_event",)

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def run(self) -> None:
        self._event.set()


class _Listener:
    """Stands for the alert actor and the health actor."""

    def __init__(self) -> None:
        self.transitions: list[Transition] = []

    def tell(self, message: AlertMessage | HealthMessage) -> None:
        match message:
            case Raised():
                self.transitions.append(message.transition)
            case SymbolFailed():
                logger.error("{} failed and gave no more signals: {}", message.symbol, message.error)
            case _:
                pass  # the rest is of a live run
