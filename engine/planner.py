"""A strategy of the settings becomes a plan: its rules are parsed and compiled, once for all symbols."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.plan import Level, MakeStrategy, Plan, Rule, SidePlan
from rules.compiler import compiled
from rules.levels import level_rule
from rules.parser import parse_condition, parse_number
from rules.text import text
from rules.tree import Constant, Every, Node
from rules.walk import indicators_of, short_name
from rules.words import SIGNAL_PRICES
from settings.strategy_schema import SideSettings, StrategySettings
from signals.signal import Side

PREVIOUS_BAR: Mapping[Side, str] = {Side.LONG: "close < low[1]", Side.SHORT: "close > high[1]"}


def plan_of(
    chosen: StrategySettings, parameters: Mapping[str, Any], timeframe: str, python: MakeStrategy | None = None
) -> Plan:
    """The plan of a strategy with these parameters, on this timeframe; `python` makes one that is no rules.

    Raises: RuleError.
    """
    writer = _Writer(chosen, parameters, int(timeframe.removesuffix("m")))
    sides = {
        side: writer.side(side, of_side)
        for side, of_side in ((Side.LONG, chosen.long), (Side.SHORT, chosen.short))
        if side in chosen.directions and (python or of_side.entry)
    }
    return Plan(
        name=chosen.name,
        version=chosen.version,
        minutes=writer.minutes,
        sides=sides,
        edge=chosen.trigger == "edge",
        cooldown_bars=chosen.cooldown_bars,
        no_entry_last_minutes=chosen.no_entry_last_minutes,
        shown=tuple(writer.shown()),
        python=python,
    )


class _Writer:
    """Compiles the rules of one strategy."""

    def __init__(self, chosen: StrategySettings, parameters: Mapping[str, Any], minutes: int) -> None:
        self._chosen, self._parameters, self.minutes = chosen, parameters, minutes
        self._shown: dict[str, Node] = {}
        """Indicators of the entry conditions, by their text."""
        self._of_levels: dict[str, Node] = {}
        """Those of targets and stops."""

    def side(self, side: Side, wanted: SideSettings) -> SidePlan:
        """One direction."""
        chosen = self._chosen
        exits = (*([PREVIOUS_BAR[side]] if chosen.exit == "previous_bar" else []), *wanted.exit)
        score = chosen.score if wanted.score is None else wanted.score
        return SidePlan(
            entry=tuple(self._entry(wanted.entry)),
            exit=tuple(map(self._condition, exits)),
            target=self._level(chosen.target if wanted.target is None else wanted.target),
            stop=self._level(chosen.stop if wanted.stop is None else wanted.stop),
            score=self._number(score) if score else None,
            report=tuple((name, self._number(rule)) for name, rule in chosen.report.items()),
        )

    def shown(self) -> Iterator[tuple[str, Rule]]:
        """The indicators of all entry conditions, in the order they are written, and of all levels, by their names."""
        for written, node in {**self._shown, **self._of_levels}.items():
            yield short_name(written), Rule(written, compiled(node, self.minutes))

    def _entry(self, rules: Iterable[str]) -> Iterator[Rule]:
        span = self._chosen.session
        for rule in (*rules, *([f"in session {span}"] if span else [])):
            node = parse_condition(rule, self._parameters)
            for part in node.parts if isinstance(node, Every) else (node,):
                if part == Constant(holds=True):
                    continue  # a parameter has switched it off
                self._shown.update((text(one), one) for one in indicators_of(part))
                yield self._rule(part)

    def _condition(self, rule: str) -> Rule:
        return self._rule(parse_condition(rule, self._parameters))

    def _number(self, rule: str) -> Rule:
        return self._rule(parse_number(rule, self._parameters, SIGNAL_PRICES))

    def _level(self, written: str) -> Level | None:
        level = level_rule(written)
        if level is None:
            return None
        rule, is_price = level
        node = parse_number(rule, self._parameters)
        self._of_levels.update((text(one), one) for one in indicators_of(node))
        return Level(self._rule(node), is_price)

    def _rule(self, node: Node) -> Rule:
        return Rule(text(node), compiled(node, self.minutes))
