"""One strategy at work on one symbol: bars in, transitions out."""

from math import inf

from indicators.atr import Atr
from indicators.indicator import Indicator
from market.bar import MINUTE_MS, Bar
from market.instrument import Instrument
from market.sessions import Hours
from market.timeframe import Timeframe
from signals.levels import Level, Measure
from signals.machine import BarPassed, Enter, Event, Leave, Machine, State, Traded, step
from signals.signal import (
    Condition,
    Quality,
    Reason,
    Side,
    SignalType,
    Transition,
    fingerprint,
)
from strategies.exit_conditions import exit_conditions
from strategies.plan import Plan
from strategies.strategy import Strategy

ATR_LENGTH = 14
"""Bars of the ATR that targets and stops are counted in."""


class Runner:
    """Feeds a strategy's indicators, asks it on each closed bar, and steps its state machine."""

    __slots__ = (
        "_asked", "_counts_in_atr", "_hours", "_instrument", "_settled_ms", "_side", "_told", "atr", "ceiling", "floor",
        "held", "indicators", "last_bar", "late", "machine", "plan", "quiet_until_ms", "seen", "strategy", "timeframe",
        "wanted", "warm_session",
    )  # fmt: skip

    def __init__(self, plan: Plan, strategy: Strategy, instrument: Instrument, hours: Hours, machine: Machine) -> None:
        self.plan = plan
        self.machine = self._told = machine
        self._counts_in_atr = any(level.measure is Measure.ATR for level in (plan.target, plan.stop) if level)
        self._instrument = instrument
        self._hours = hours
        self.warm_session = True
        """Whether every minute of this session was seen, from its open."""
        self.late = False
        """Bars now come after their time."""
        self.quiet_until_ms = 0
        """Bars that end until then make no entry: nobody watched yet when they did."""
        self.held = False
        """A hole is not repaired yet: there is no entry until it is."""
        self.floor, self.ceiling = -inf, inf
        """No price strictly between them can end the signal it is in."""
        self._begin(strategy)

    def renew(self, strategy: Strategy) -> None:
        """Begin anew before a rebuild: the machine is as its last transition left it, for the bars since come again."""
        self.machine, self.held = self._told, False
        self._begin(strategy)

    def _begin(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.last_bar: Bar | None = None
        self.timeframe = Timeframe(self.plan.minutes, self._hours) if self.plan.minutes > 1 else None
        self.atr = Atr(ATR_LENGTH) if self._counts_in_atr else None
        self.indicators: tuple[Indicator, ...] = (*strategy.indicators, *((self.atr,) if self.atr else ()))
        self.wanted = max((indicator.settles_after for indicator in self.indicators), default=0)
        """Bars after which every indicator is settled, wherever its history began."""
        self.seen = 0
        """Bars its indicators were fed."""
        self._settled_ms = self.machine.since_ms
        """A restored machine has already seen the bars up to here."""
        self._asked = False
        """Whether the strategy could be asked on the last bar, and what it said:"""
        self._side: Side | None = None
        self._watch()

    @property
    def settled(self) -> bool:
        """Whether its indicators show what they would with any longer history."""
        return self.seen >= self.wanted

    @property
    def in_signal(self) -> bool:
        """Whether its prices must be watched."""
        return self.machine.state is State.IN_SIGNAL

    @property
    def ready(self) -> bool:
        """Whether every indicator is."""
        return all(indicator.ready for indicator in self.indicators)

    def warm(self, bar: Bar) -> None:
        """Take a bar of an earlier day: it feeds the indicators and raises nothing."""
        self._judge(bar)
        self.last_bar = bar

    def on_bar(self, bar: Bar) -> Transition | None:
        """Take the next closed bar of the strategy's timeframe; at most one transition comes of it."""
        asked, side = self._asked, self._side
        self._judge(bar)
        before, self.last_bar = self.last_bar, bar
        if bar.end_ms <= self._settled_ms:
            return None
        machine = self.machine
        if machine.state is not State.IDLE:
            if machine.session == bar.session:
                if machine.state is State.IN_SIGNAL:
                    return self._exit_by_rule(bar, before)
                self.machine, _ = step(machine, BarPassed(bar.start_ms, bar.session), self.plan.cooldown_bars)
                return None
            self.machine, _ = step(machine, BarPassed(bar.start_ms, bar.session), self.plan.cooldown_bars)
            self._watch()
        if self._side is None or (self.plan.edge and (not asked or side is self._side)):
            return None
        if self._side not in self.plan.directions or bar.start_ms <= machine.bar_start_ms:
            return None  # not wanted, or it left a signal on this very bar
        return self._enter(bar, self._side)

    def on_trades(self, bar: Bar) -> Transition | None:
        """Take a closed 1-minute bar whose prices may have reached target or stop."""
        if bar.start_ms < self.machine.since_ms or bar.session != self.machine.session:
            return None
        start = self._bar_start(bar.start_ms)
        return self._step(Traded(bar.open, bar.high, bar.low, bar.end_ms, start))

    def on_tick(self, at_ms: int, price: float) -> Transition | None:
        """Take a trade of the continuous phase while in a signal."""
        session = self._hours.at(at_ms)
        if at_ms < self.machine.since_ms or session is None or session.date != self.machine.session:
            return None
        return self._step(Traded(price, price, price, at_ms, self._bar_start(at_ms)))

    def on_market_end(self, close_ms: int) -> Transition | None:
        """The continuous phase is over: a signal does not outlive it."""
        bar = self.last_bar
        if not self.in_signal or bar is None or bar.session != self.machine.session:
            return None
        return self._step(Leave(Reason.MARKET_END, bar.close, close_ms, bar.start_ms))

    def conditions(self) -> dict[str, tuple[Condition, ...]]:
        """Each direction's conditions on the last closed bar; empty while an indicator is not ready."""
        if self.last_bar is None or not self.ready:
            return {}
        bar = self.last_bar
        return {side.value: self.strategy.conditions(bar, side) for side in Side if side in self.plan.directions}

    def _judge(self, bar: Bar) -> None:
        """Feed the indicators, and ask the strategy if they and the bar allow it."""
        self.seen += 1
        ready = True
        for indicator in self.indicators:
            indicator.update(bar)
            if not indicator.ready:
                ready = False
        if ready and not (bar.partial and self.strategy.needs_volume):
            side = self.strategy.side(bar)
            # A user's own strategy may well answer "LONG", which equals the member and is not it.
            self._asked, self._side = True, None if side is None else Side(side)
        else:
            self._asked, self._side = False, None

    def _watch(self) -> None:
        """Set the prices that matter from the machine's state."""
        machine = self.machine
        self.floor, self.ceiling = -inf, inf
        if machine.state is not State.IN_SIGNAL:
            return
        below, above = (machine.stop, machine.target) if machine.side is Side.LONG else (machine.target, machine.stop)
        if below is not None:
            self.floor = below
        if above is not None:
            self.ceiling = above

    def _exit_by_rule(self, bar: Bar, before: Bar | None) -> Transition | None:
        if before is None or self.plan.exit == "none" or bar.start_ms < self.machine.since_ms:
            return None
        long = self.machine.side is Side.LONG
        if not (bar.close < before.low if long else bar.close > before.high):
            return None
        return self._step(Leave(Reason.EXIT_RULE, bar.close, bar.end_ms, bar.start_ms), before)

    def _enter(self, bar: Bar, side: Side) -> Transition | None:
        session = self._hours.at(bar.start_ms)
        assert session is not None, "a bar has a session"
        if self.held or bar.end_ms <= self.quiet_until_ms:
            return None
        if not session.takes_entries(bar.end_ms, self.plan.no_entry_last_minutes):
            return None
        identity = fingerprint(
            self.plan.name, self.plan.version, self._instrument.symbol, side, SignalType.ENTRY, bar.start_ms
        )
        sign = 1 if side is Side.LONG else -1
        return self._step(
            Enter(
                side, bar.close, self._level(self.plan.target, bar.close, sign),
                self._level(self.plan.stop, bar.close, -sign), identity, bar.end_ms, bar.start_ms, bar.session,
            )
        )  # fmt: skip

    def _step(self, event: Event, before: Bar | None = None) -> Transition | None:
        entered = self.machine
        self.machine, done = step(entered, event, self.plan.cooldown_bars)
        if done is None:
            return None
        self._told = self.machine
        self._watch()
        side = self.machine.side
        assert side is not None
        if isinstance(done, Enter):
            assert self.last_bar is not None
            return self._transition(
                done.entry_id, side, SignalType.ENTRY, Reason.RULE, done.at_ms, done.bar_start_ms, done.price,
                self.strategy.conditions(self.last_bar, side),
                partial=self.last_bar.partial, age_ms=self.last_bar.end_ms - self.last_bar.last_ms,
            )  # fmt: skip
        identity = fingerprint(
            self.plan.name, self.plan.version, self._instrument.symbol, side, SignalType.EXIT, done.bar_start_ms
        )
        return self._transition(
            identity, side, SignalType.EXIT, done.reason, done.at_ms, done.bar_start_ms, done.price,
            exit_conditions(done.reason, entered, done.price, before), partial=False, age_ms=0,
        )  # fmt: skip

    def _transition(
        self, identity: str, side: Side, kind: SignalType, reason: Reason, at_ms: int, bar_start_ms: int, price: float,
        conditions: tuple[Condition, ...], *, partial: bool, age_ms: int,
    ) -> Transition:  # fmt: skip
        return Transition(
            identity, self._instrument.symbol, self.plan.name, self.plan.version, side, kind, reason, at_ms,
            bar_start_ms, self.plan.timeframe, self._on_grid(price), self.machine.target, self.machine.stop,
            tuple((indicator.name, indicator.value) for indicator in self.indicators if indicator.ready),
            conditions, self.machine.entry_id, Quality(self.warm_session and self.settled, partial, self.late, age_ms),
        )  # fmt: skip

    def _level(self, level: Level | None, price: float, sign: int) -> float | None:
        """A price on the tick grid, at least a tick away; None when it would be no price at all."""
        if level is None:
            return None
        distance = level.distance(price, self.atr.value if self.atr else 0.0)
        reached = self._on_grid(price + sign * max(distance, self._instrument.tick_size))
        return reached if reached > 0 else None

    def _on_grid(self, price: float) -> float:
        return round(round(price / self._instrument.tick_size) * self._instrument.tick_size, 4)

    def _bar_start(self, at_ms: int) -> int:
        return self.timeframe.bounds(at_ms)[0] if self.timeframe else at_ms - at_ms % MINUTE_MS
