"""The only strategy of a symbol, fed with bars; `Threshold` is long above 100 and short below."""

from collections.abc import Iterable
from typing import Any

from engine.plan import MakeStrategy, Plan
from market.bar import Bar
from signals.machine import Machine
from signals.signal import SignalType, Transition
from tests.factories import (
    bar,
    plan,
    study,
)


class Alone:
    """The only strategy of a symbol."""

    def __init__(
        self, traded: Plan, symbol: str = "NSE:TCS", tick_size: float = 0.05, machine: Machine | None = None
    ) -> None:
        self.study = study(traded, symbol=symbol, tick_size=tick_size, machine=machine)
        (self.runner,) = self.study.runners

    def feed(self, bars: Iterable[Bar]) -> list[Transition]:
        """1-minute bars as a symbol actor hands them over: what was traded first, then the close."""
        raised, runner = [], self.runner
        for each in bars:
            raised += [asked.on_bar(asked.chart.bar) for asked in self.study.pass_time(each.start_ms)]
            if not runner.floor < each.low <= each.high < runner.ceiling:
                raised.append(runner.on_trades(each))
            raised += [asked.on_bar(asked.chart.bar) for asked in self.study.take(each)]
        return [transition for transition in raised if transition is not None]

    def warm(self, each: Bar) -> None:
        """A bar of an earlier day."""
        for asked in self.study.take(each):
            asked.warm(asked.chart.bar)


def alone(strategy: MakeStrategy | None = None, **changes: Any) -> Alone:
    return Alone(plan(strategy, **changes))


def entered(**changes: Any) -> Alone:
    """It went long at 101 on the bar 10:01."""
    one = alone(**changes)
    (entry,) = one.feed([bar("10:00", 100.0), bar("10:01", 101.0)])
    assert entry.type is SignalType.ENTRY
    return one
