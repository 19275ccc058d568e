"""What a symbol shows of itself."""

from actors.messages import BarView, IndicatorView, StrategyView
from market.bar import Bar
from strategies.runner import Runner


def bar_view(bar: Bar) -> BarView:
    """A bar for people."""
    return BarView(bar.start_ms, bar.end_ms, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.partial)


def strategy_view(runner: Runner) -> StrategyView:
    """A strategy's state and its conditions on the last closed bar."""
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
        indicators=tuple(IndicatorView(line.name, line.value, line.ready) for line in runner.indicators),
        conditions=runner.conditions(),
    )
