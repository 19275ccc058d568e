"""All strategies that are loaded, compiled."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.plan import MakeStrategy, Plan
from engine.planner import plan_of
from market.instrument import Instrument
from rules.references import References
from settings.strategy_schema import StrategySettings
from strategies.catalogue import build_strategy, find_strategy

ATP = "atp"


class Playbook:
    """Which strategies are asked about which symbol, each compiled once for all symbols of the same parameters."""

    def __init__(self, strategies: Sequence[StrategySettings], instruments: Iterable[Instrument]) -> None:
        """Compile what is asked about these instruments.

        Raises: SettingsError, for a Python strategy that cannot be found.
        """
        self._strategies = strategies
        instruments = tuple(instruments)
        self._plans: dict[tuple[int, tuple[int, ...]], Plan] = {}
        self.references = References()
        """What rules read of other symbols."""
        for instrument in instruments:
            self.plans(instrument)
        for plan in self._plans.values():
            self.references.expect(plan.recipes)
        self.unwatched = tuple(sorted(self.references.symbols - {each.symbol for each in instruments}))
        """Symbols that rules read though they are none of these: what reads them is never known."""
        self._order = _in_order({each.symbol: self._read_by(each) for each in instruments if self.reads(each.symbol)})

    def plans(self, instrument: Instrument) -> list[Plan]:
        """The plans of the strategies that are asked about an instrument."""
        return [
            self._plan(position, tuple(at for at, one in enumerate(chosen.override) if one.fits(instrument)))
            for position, chosen in enumerate(self._strategies)
            if chosen.fits(instrument)
        ]

    def unasked(self, instrument: Instrument) -> tuple[str, ...]:
        """The strategies that are not asked about it, each with whom it is for: `eod_breakout (only MCX:GOLD*)`."""
        return tuple(
            f"{chosen.name} (only {', '.join(chosen.symbols or chosen.kinds)})"
            for chosen in self._strategies
            if not chosen.fits(instrument)
        )

    @property
    def reads_average(self) -> bool:
        """Whether any rule reads the exchange's average traded price, which a feed gives only when it is asked to."""
        recipes = [recipe for plan in self._plans.values() for recipe in plan.recipes]
        return any(recipe.reads(ATP) for recipe in recipes)

    def let_end(self, older: "Playbook", leaving: Iterable[Plan]) -> None:
        """Open signals of older plans go on: what their rules read of other symbols is kept for them."""
        for plan in (*older._plans.values(), *leaving):  # noqa: SLF001 - its own kind
            self.references.expect(plan.recipes)

    def reads(self, symbol: str) -> bool:
        """Whether a rule of another symbol may read this one."""
        return symbol in self.references.symbols

    def rank(self, symbol: str) -> int:
        """Its place in each minute: those that rules of others read come before them, as far as that can be.

        Of two that read each other, one sees the other's minute before; which of them, only their names decide.
        """
        return self._order.get(symbol, len(self._order))

    def _read_by(self, instrument: Instrument) -> set[str]:
        recipes = (recipe for plan in self.plans(instrument) for recipe in plan.recipes)
        return {one.symbol for recipe in recipes for one in recipe.elsewhere} - {instrument.symbol}

    def _plan(self, position: int, overrides: tuple[int, ...]) -> Plan:
        plan = self._plans.get((position, overrides))
        if plan is None:
            chosen = self._strategies[position]
            parameters, timeframe = dict(chosen.parameters), chosen.timeframe
            for at in overrides:
                parameters |= chosen.override[at].parameters
                timeframe = chosen.override[at].timeframe or timeframe
            plan = plan_of(chosen, parameters, timeframe, _python(chosen, parameters))
            self._plans[position, overrides] = plan
        return plan


def _in_order(reads: Mapping[str, set[str]]) -> dict[str, int]:
    """Symbols, each after those that it reads; in a circle the alphabet decides."""
    order: dict[str, int] = {}
    left = sorted(reads)
    while left:
        free = next((each for each in left if not any(other in left for other in reads[each])), left[0])
        left.remove(free)
        order[free] = len(order)
    return order


def _python(chosen: StrategySettings, parameters: dict[str, Any]) -> MakeStrategy | None:
    if chosen.has_rules:
        return None
    kind = find_strategy(chosen.name)
    return lambda chart: build_strategy(kind, parameters, chart)
