"""How a strategy is traded, compiled once and the same for every symbol with the same parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from indicators.chart import Chart
from rules.recipe import Recipe
from signals.signal import Side
from strategies.strategy import Strategy

MakeStrategy: TypeAlias = Callable[[Chart], Strategy]
"""Makes a strategy that is written in Python for one symbol."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition, or one number that is shown."""

    text: str
    """As a trader writes it, with its parameters filled in."""
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Level:
    """Where a target or a stop is."""

    rule: Rule
    is_price: bool
    """A price by itself, instead of a distance from the entry price; both in rupees."""


@dataclass(frozen=True, slots=True)
class SidePlan:
    """What a strategy wants of one side."""

    entry: tuple[Rule, ...]
    """All must hold; empty when a Python strategy decides."""
    exit: tuple[Rule, ...]
    """Any ends the signal."""
    target: Level | None
    stop: Level | None
    score: Rule | None
    """Ranks signals of the same minute, the highest first."""
    report: tuple[tuple[str, Rule], ...]
    """Numbers to show with a signal, by name; they may use `entry`, `target` and `stop`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a strategy is traded; from its file and config.toml."""

    name: str
    version: str
    minutes: int
    """Timeframe."""
    sides: Mapping[Side, SidePlan]
    """The directions it may take."""
    edge: bool
    """Enter only where the conditions did not already hold on the bar before."""
    cooldown_bars: int
    no_entry_last_minutes: int
    shown: tuple[tuple[str, Rule], ...] = ()
    """The indicators of its entry conditions and levels, by the names that alerts and `debug` show them under."""
    python: MakeStrategy | None = None
    """Makes a strategy that is written in Python; None for one of rules."""

    @property
    def timeframe(self) -> str:
        """`1m`, `75m`."""
        return f"{self.minutes}m"

    @property
    def needs_volume(self) -> bool:
        """Whether its entry conditions and levels say nothing on a bar whose volume is incomplete."""
        return any(
            rule.recipe.needs_volume
            for side in self.sides.values()
            for rule in (*side.entry, *(level.rule for level in (side.target, side.stop) if level))
        )

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """Every rule of it."""
        return tuple(
            rule.recipe
            for side in self.sides.values()
            for rule in (
                *side.entry,
                *side.exit,
                *(level.rule for level in (side.target, side.stop) if level),
                *((side.score,) if side.score else ()),
                *(rule for _, rule in side.report),
            )
        )
