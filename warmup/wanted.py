"""How far back each symbol wants its past, and whose rules read whom."""

from collections.abc import Iterable, Mapping
from math import ceil

from actors.line import Line
from actors.symbol_actor import SymbolActor
from engine.plan import Plan
from market.days import midnight_before
from market.sessions import Hours
from warmup.spans import THIN, history_since


class Wanted:
    """What the rules of a line want of the past, as they are now."""

    def __init__(self, line: Line) -> None:
        actors = {actor.instrument.symbol: actor for actor in line.actors.values()}
        plans = {id(runner.plan): runner.plan for actor in actors.values() for runner in actor.runners}
        reads = {number: _reads(plan) for number, plan in plans.items()}
        self._readers: dict[SymbolActor, list[SymbolActor]] = {}
        for symbol, actor in actors.items():
            others = {each for runner in actor.runners for each in reads[id(runner.plan)]} - {symbol}
            for other in others & actors.keys():
                self._readers.setdefault(actors[other], []).append(actor)
        # Whoever reads another symbol needs it for all of its own past.
        self._minutes = {
            actor: ceil(THIN * max(each.study.minutes for each in (actor, *self.readers(actor))))
            for actor in actors.values()
        }
        self._since: dict[tuple[Hours, int, int], int] = {}

    def minutes(self, actor: SymbolActor) -> int:
        """Minutes of trading on earlier days, with room for minutes without a trade."""
        return self._minutes[actor]

    def since(self, actor: SymbolActor, now_ms: int) -> int:
        """Where the past of a symbol begins; epoch milliseconds UTC, both."""
        minutes, today = self._minutes[actor], midnight_before(now_ms)
        since = self._since.get((actor.hours, today, minutes))
        if since is None:
            since = self._since[actor.hours, today, minutes] = history_since(actor.hours, now_ms, minutes)
        return since

    def sinces(self, now_ms: int) -> Mapping[str, int]:
        """Where the past of each symbol begins."""
        return {actor.instrument.symbol: self.since(actor, now_ms) for actor in self._minutes}

    def is_read(self, actor: SymbolActor) -> bool:
        """Whether rules of other symbols read it."""
        return actor in self._readers

    def readers(self, actor: SymbolActor) -> Iterable[SymbolActor]:
        """Those whose rules read it."""
        return self._readers.get(actor, ())


def _reads(plan: Plan) -> set[str]:
    """The symbols that rules speak of by name."""
    return {one.symbol for recipe in plan.recipes for one in recipe.elsewhere}
