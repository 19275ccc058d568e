"""Who is closest to an entry, over all symbols: fewest conditions unmet, then the nearest."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from heapq import nsmallest
from typing import TypeAlias

from actors.pool import Job
from actors.symbol_actor import SymbolActor
from actors.views import NearRow, NearView
from engine.blocks import blocks
from engine.judge import Nearness
from engine.runner import Runner
from signals.machine import State
from signals.signal import Side

SLICE = 50
"""Symbols looked at in one go: ticks that arrive meanwhile wait for no more."""

_Found: TypeAlias = tuple[Nearness, int, SymbolActor, Runner, Side]
"""With a number of its own, so that no two are equal and ties stay in the order of the symbols."""


class Near:
    """Surveys all symbols, a slice at a time: after each it goes to the end of the queue, and at last it answers."""

    def __init__(
        self,
        actors: Sequence[SymbolActor],
        strategy: str | None,
        top: int,
        put: Callable[[Job], None],
        answer: Callable[[NearView], None],
    ) -> None:
        """With a `strategy` it looks at that one alone; `put` queues it again."""
        self._actors, self._strategy, self._top = actors, strategy, top
        self._put, self._answer = put, answer
        self._done = 0
        self._best: list[_Found] = []
        self._left_out: Counter[str] = Counter()
        self._candidates = 0

    def run(self) -> None:
        """One slice."""
        found: list[_Found] = []
        for actor in self._actors[self._done : self._done + SLICE]:
            try:
                found += self._of(actor)
            except BaseException:  # noqa: BLE001 - whatever one symbol raises ends that symbol alone
                actor.fail()
        self._done += SLICE
        self._best = nsmallest(self._top, (*self._best, *found))
        if self._done < len(self._actors):
            self._put(self)
        else:
            self._answer(self._view())

    def _of(self, actor: SymbolActor) -> Iterator[_Found]:
        for runner in actor.runners:
            if self._strategy not in (None, runner.plan.name):
                continue
            for side in runner.terms:
                bar, why_not = runner.last_bar, _why_not(runner, side)
                if why_not or bar is None:
                    self._left_out[why_not] += 1
                else:
                    self._candidates += 1
                    yield runner.judge.nearness(bar, side), self._candidates, actor, runner, side

    def _view(self) -> NearView:
        market_ms = max((max(actor.market_ms, actor.last_trade_ms) for actor in self._actors), default=0)
        rows: list[NearRow] = []
        for _, _, actor, runner, side in self._best:
            try:
                rows.append(_row(actor, runner, side, market_ms))
            except BaseException:  # noqa: BLE001 - as above
                actor.fail()
        rows.sort(key=lambda row: (len(row.unmet), row.distance_percent))  # a bar may have closed meanwhile
        return NearView(market_ms, tuple(rows), len(self._actors), self._candidates, dict(self._left_out))


def _why_not(runner: Runner, side: Side) -> str:
    """What makes it no candidate, whatever its conditions become on the next bar."""
    if runner.leaving:
        return "taken out of the settings"
    if runner.machine.state is State.IN_SIGNAL:
        return "in a signal"
    if runner.machine.state is State.COOLDOWN:
        return "cooling down"
    if not runner.asked:
        return "on a partial candle" if runner.judge.ready else "not warm"
    return "already true" if runner.side is side and runner.plan.edge else ""


def _row(actor: SymbolActor, runner: Runner, side: Side, market_ms: int) -> NearRow:
    bar = runner.last_bar
    assert bar is not None, "only who has one is a candidate"
    unmet = runner.judge.unmet(bar, side)
    return NearRow(
        symbol=actor.instrument.symbol,
        strategy=runner.plan.name,
        version=runner.plan.version,
        timeframe=runner.plan.timeframe,
        direction=side.value,
        price=bar.close,
        unmet=unmet,
        of=len(runner.judge.conditions(bar, side)),
        distance_percent=max((each.distance_percent for each in unmet), default=0.0),
        blocked=blocks(runner, side, market_ms),
    )
