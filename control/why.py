"""Why a symbol makes no signal: each strategy and direction with what it lacks, the nearest to a signal first."""

from dataclasses import dataclass
from math import inf

from actors.views import SideView, StrategyView, SymbolView
from signals.signal import Condition

_IDLE = "IDLE"


@dataclass(frozen=True, slots=True)
class ConditionWhy:
    """One entry condition; a number that is not known, or of which there is none, is nan."""

    text: str
    left: float
    right: float
    margin_percent: float
    """Distance of `left` from `right` in percent of `right`."""
    distance_percent: float
    """How far it is from holding; 0 when it holds."""
    ok: bool | None
    """None while it is not known."""
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class SideWhy:
    """One direction of one strategy."""

    strategy: str
    version: str
    timeframe: str
    direction: str
    state: str
    """`IDLE`, `IN_SIGNAL` or `COOLDOWN`, of the strategy."""
    cooldown_left: int
    """Bars until IDLE."""
    unmet: int
    distance_percent: float
    """Of the farthest unmet condition."""
    blocked: tuple[str, ...]
    """What keeps it from entering besides its conditions, the weightiest first."""
    conditions: tuple[ConditionWhy, ...]


@dataclass(frozen=True, slots=True)
class WhyView:
    """All that decides whether a symbol makes a signal."""

    symbol: str
    last_price: float | None
    last_trade_ms: int
    """Epoch milliseconds UTC, as `market_ms`; 0 if there was no trade."""
    market_ms: int
    phase: str
    warm: str
    """`no`, `partial` or `yes`."""
    bars_seen: int
    bars_wanted: int
    bars_of: str
    """Timeframe of these bars."""
    sides: tuple[SideWhy, ...]
    """The nearest to a signal first."""
    unasked: tuple[str, ...]
    """Strategies that are not for this symbol, each with whom it is for."""


def why(view: SymbolView) -> WhyView:
    """What a symbol shows of itself, told as an answer to why it is silent."""
    sides = [(strategy, side) for strategy in view.strategies for side in strategy.sides]
    return WhyView(
        symbol=view.symbol,
        last_price=view.last_price,
        last_trade_ms=view.last_trade_ms,
        market_ms=view.market_ms,
        phase=view.phase,
        warm=view.warm,
        bars_seen=view.bars_seen,
        bars_wanted=view.bars_wanted,
        bars_of=view.bars_of,
        sides=tuple(_side_why(*each) for each in sorted(sides, key=lambda each: nearness(*each))),
        unasked=view.unasked,
    )


def nearness(strategy: StrategyView, side: SideView) -> tuple[bool, bool, int, float]:
    """Sorts directions of strategies: first those of which all is known, of these the idle ones, then by what lacks."""
    conditions = strategy.conditions.get(side.direction, ())
    known = bool(conditions) and all(condition.ok is not None for condition in conditions)
    return not known, strategy.state != _IDLE, len(side.unmet), side.distance_percent


def _side_why(strategy: StrategyView, side: SideView) -> SideWhy:
    away = {each.condition.text: each.distance_percent for each in side.unmet}
    conditions = strategy.conditions.get(side.direction, ())
    return SideWhy(
        strategy=strategy.name,
        version=strategy.version,
        timeframe=strategy.timeframe,
        direction=side.direction,
        state=strategy.state,
        cooldown_left=strategy.cooldown_left,
        unmet=len(side.unmet),
        distance_percent=side.distance_percent if conditions else inf,
        blocked=side.blocked,
        conditions=tuple(_condition_why(condition, away.get(condition.text, 0.0)) for condition in conditions),
    )


def _condition_why(condition: Condition, distance_percent: float) -> ConditionWhy:
    return ConditionWhy(
        condition.text,
        condition.left,
        condition.right,
        condition.margin_percent,
        distance_percent,
        condition.ok,
        condition.parts,
    )
