"""What a symbol shows of itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from actors.views import BarView, IndicatorView, SideView, StrategyView, SymbolView
from engine.blocks import blocks
from engine.runner import Runner
from market.bar import Bar
from signals.signal import Side

if TYPE_CHECKING:
    from actors.symbol_actor import SymbolActor


def symbol_view(actor: "SymbolActor") -> SymbolView:
    """Everything about a symbol; on its worker's thread alone."""
    bars, lacking = actor.bars, _lacking_most(actor.runners)
    market_ms = max(actor.market_ms, bars.last_trade_ms)
    return SymbolView(
        symbol=actor.instrument.symbol,
        last_price=bars.last_price or (actor.last_bar.close if actor.last_bar else None),
        last_trade_ms=actor.last_trade_ms,
        day_volume=bars.day_volume,
        market_ms=market_ms,
        open_bars=tuple(map(bar_view, bars.open_bars())),
        bars=tuple(map(bar_view, actor.recent_bars)),
        strategies=tuple(strategy_view(runner, market_ms) for runner in actor.runners),
        counts=dict(bars.counts),
        recent=tuple(actor.recent),
        warm=warmth(actor),
        bars_seen=lacking.seen if lacking else 0,
        bars_wanted=lacking.wanted if lacking else 0,
        bars_of=lacking.plan.timeframe if lacking else "1m",
        phase=_phase(actor),
        unasked=tuple(actor.study.unasked),
    )


def warmth(actor: "SymbolActor") -> str:
    """`no`, `partial` or `yes`: whether a symbol's indicators have all the history they want."""
    if all(runner.settled and runner.warm_session for runner in actor.runners):
        return "yes"
    return "partial" if any(runner.seen for runner in actor.runners) else "no"


def _lacking_most(runners: Sequence[Runner]) -> Runner | None:
    """The strategy with the smallest share of the bars that it wants."""
    return min(runners, key=lambda runner: (runner.seen / max(1, runner.wanted), -runner.wanted), default=None)


def _phase(actor: "SymbolActor") -> str:
    session = actor.hours.at(actor.market_ms)
    phase = actor.hours.phase(actor.market_ms)
    return phase if session is None or session.confirmed else f"{phase}, hours not confirmed, so no signals"


def bar_view(bar: Bar) -> BarView:
    """A bar for people."""
    return BarView(bar.start_ms, bar.end_ms, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.partial)


def strategy_view(runner: Runner, market_ms: int) -> StrategyView:
    """A strategy's state, its conditions on the last closed bar, and what they lack for a signal."""
    machine = runner.machine
    return StrategyView(
        name=runner.plan.name,
        version=runner.plan.version,
        timeframe=runner.plan.timeframe,
        state=machine.state.value,
        direction=machine.side.value if machine.side else None,
        entry_price=machine.price,
        target=machine.target,
        stop=machine.stop,
        cooldown_left=machine.cooldown_left,
        state_id=machine.entry_id or None,
        indicators=tuple(IndicatorView(name, series.value, series.ready) for name, series in runner.shown),
        conditions=runner.conditions(),
        sides=tuple(_side_view(runner, side, market_ms) for side in runner.terms),
    )


def _side_view(runner: Runner, side: Side, market_ms: int) -> SideView:
    unmet = runner.judge.unmet(runner.last_bar, side) if runner.last_bar is not None else ()
    farthest = max((each.distance_percent for each in unmet), default=0.0)
    return SideView(side.value, unmet, farthest, blocks(runner, side, market_ms))
