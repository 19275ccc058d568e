"""One strategy at work on one symbol: bars in, transitions out."""

from collections.abc import Iterator, Mapping
from math import ceil, inf

from engine.exit_conditions import exit_conditions
from engine.judge import Judge
from engine.plan import Plan
from engine.terms import BoundLevel, Terms
from indicators.chart import Chart
from indicators.series import Series
from market.bar import Bar
from market.instrument import Instrument
from market.timeframe import bounds
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


class Runner:
    """Asks a strategy on each closed bar, and steps its state machine."""

    __slots__ = (
        "_instrument", "_settled_ms", "_told", "asked", "ceiling", "chart", "floor", "held", "judge", "last_bar",
        "late", "leaving", "machine", "plan", "quiet_until_ms", "side", "terms", "unseen", "wanted", "warm_session",
    )  # fmt: skip

    def __init__(
        self, plan: Plan, instrument: Instrument, machine: Machine, judge: Judge, terms: Mapping[Side, Terms],
        chart: Chart, minutes: int,
    ) -> None:  # fmt: skip
        """`minutes`: of trading on earlier days, after which nothing shows any more where the history began."""
        self.plan = plan
        self.machine = self._told = machine
        self._instrument = instrument
        self.warm_session = True
        """Whether every minute of this session was seen, from its open."""
        self.late = False
        """Bars now come after their time."""
        self.quiet_until_ms = 0
        """Bars that end until then make no entry: nobody watched yet when they did, or not by these rules."""
        self.leaving = False
        """The strategy is gone: it goes on until its signal ends."""
        self.held = False
        """A hole is not repaired yet: there is no entry until it is."""
        self.floor, self.ceiling = -inf, inf
        """No price strictly between them can end the signal it is in."""
        self.begin(judge, terms, chart, minutes)

    def begin(self, judge: Judge, terms: Mapping[Side, Terms], chart: Chart, minutes: int) -> None:
        """Begin anew on a chart that has taken no bar; the machine is as its last transition left it."""
        self.machine, self.held = self._told, False
        self.judge, self.terms, self.chart = judge, terms, chart
        self.last_bar: Bar | None = None
        self.wanted = ceil(minutes / self.plan.minutes)
        """Bars after which every series is settled, wherever its history began."""
        self.unseen = 0
        """Bars of its chart that not all of its series have seen."""
        self._settled_ms = self.machine.since_ms
        """A restored machine has already seen the bars up to here."""
        self.asked = False
        """Whether the strategy could be asked on the last bar."""
        self.side: Side | None = None
        """What it said then."""
        self._watch()

    @property
    def settled(self) -> bool:
        """Whether its indicators show what they would with any longer history."""
        return self.seen >= self.wanted

    @property
    def seen(self) -> int:
        """Bars its series were fed."""
        return self.chart.seen - self.unseen

    @property
    def shown(self) -> Iterator[tuple[str, Series]]:
        """The series that alerts and `debug` show, by name."""
        yield from self.judge.shown.items()

    @property
    def in_signal(self) -> bool:
        """Whether its prices must be watched."""
        return self.machine.state is State.IN_SIGNAL

    def go_on_from(self, before: "Runner") -> None:
        """Take the place of a runner of the same strategy, whose rules may have been others."""
        self.machine, self._told, self._settled_ms = before.machine, before._told, before._settled_ms  # noqa: SLF001
        self.warm_session, self.held, self.quiet_until_ms = before.warm_session, before.held, before.quiet_until_ms
        self._watch()

    def warm(self, bar: Bar) -> None:
        """Take a bar of an earlier day, which its chart has taken: it raises nothing."""
        self._ask(bar)
        self.last_bar = bar

    def on_bar(self, bar: Bar) -> Transition | None:
        """Take the next closed bar of its chart, which has taken it; at most one transition comes of it."""
        asked, side = self.asked, self.side
        self._ask(bar)
        self.last_bar = bar
        if bar.end_ms <= self._settled_ms:
            return None
        machine = self.machine
        if machine.state is not State.IDLE:
            if machine.session == bar.session:
                if machine.state is State.IN_SIGNAL:
                    return self._exit_by_rule(bar)
                self.machine, _ = step(machine, BarPassed(bar.start_ms, bar.session), self.plan.cooldown_bars)
                return None
            self.machine, _ = step(machine, BarPassed(bar.start_ms, bar.session), self.plan.cooldown_bars)
            self._watch()
        if self.side is None or (self.plan.edge and (not asked or side is self.side)):
            return None
        if self.side not in self.terms or bar.start_ms <= machine.bar_start_ms:
            return None  # not wanted, or it left a signal on this very bar
        return self._enter(bar, self.side)

    def on_trades(self, bar: Bar) -> Transition | None:
        """Take a closed 1-minute bar whose prices may have reached target or stop."""
        if bar.start_ms < self.machine.since_ms or bar.session != self.machine.session:
            return None
        start = self._bar_start(bar.start_ms)
        return self._step(Traded(bar.open, bar.high, bar.low, bar.end_ms, start))

    def on_tick(self, at_ms: int, price: float) -> Transition | None:
        """Take a trade of the continuous phase while in a signal."""
        session = self.chart.hours.at(at_ms)
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
        """Each direction's conditions on the last closed bar; empty before the first."""
        if self.last_bar is None:
            return {}
        return {side.value: self.judge.conditions(self.last_bar, side) for side in self.terms}

    def _ask(self, bar: Bar) -> None:
        """Ask the strategy, if all it reads is known and the bar allows it."""
        judge = self.judge
        if bar.partial and judge.needs_volume:
            self.asked, self.side = False, None
        else:
            self.asked, self.side = judge.verdict(bar)

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

    def _exit_by_rule(self, bar: Bar) -> Transition | None:
        machine = self.machine
        assert machine.side is not None, "it is in a signal"
        if bar.start_ms < machine.since_ms or machine.side not in self.terms or bar.end_ms <= self.quiet_until_ms:
            return None
        for rule in self.terms[machine.side].exit:
            if rule.holds and not (bar.partial and rule.needs_volume):
                return self._step(Leave(Reason.EXIT_RULE, bar.close, bar.end_ms, bar.start_ms), rule.told())
        return None

    def _enter(self, bar: Bar, side: Side) -> Transition | None:
        session = self.chart.hours.at(bar.start_ms)
        assert session is not None, "a bar has a session"
        if self.held or self.leaving or bar.end_ms <= self.quiet_until_ms:
            return None
        if not session.takes_entries(bar.end_ms, self.plan.no_entry_last_minutes):
            return None
        terms, sign = self.terms[side], 1 if side is Side.LONG else -1
        target, stop = self._level(terms.target, bar.close, sign), self._level(terms.stop, bar.close, -sign)
        if target != target or stop != stop:  # noqa: PLR0124 - nan: not known, so neither is the risk
            return None
        identity = fingerprint(
            self.plan.name, self.plan.version, self._instrument.symbol, side, SignalType.ENTRY, bar.start_ms
        )
        return self._step(Enter(side, bar.close, target, stop, identity, bar.end_ms, bar.start_ms, bar.session))

    def _step(self, event: Event, why: Condition | None = None) -> Transition | None:
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
                self.judge.conditions(self.last_bar, side),
                self.terms[side], partial=self.last_bar.partial,
                age_ms=self.last_bar.end_ms - self.last_bar.last_ms,
            )  # fmt: skip
        identity = fingerprint(
            self.plan.name, self.plan.version, self._instrument.symbol, side, SignalType.EXIT, done.bar_start_ms
        )
        return self._transition(
            identity, side, SignalType.EXIT, done.reason, done.at_ms, done.bar_start_ms, done.price,
            exit_conditions(done.reason, entered, done.price, why),
        )  # fmt: skip

    def _transition(
        self, identity: str, side: Side, kind: SignalType, reason: Reason, at_ms: int, bar_start_ms: int, price: float,
        conditions: tuple[Condition, ...], terms: Terms | None = None, *, partial: bool = False, age_ms: int = 0,
    ) -> Transition:  # fmt: skip
        machine = self.machine
        shown = tuple((name, series.value) for name, series in self.judge.shown.items() if series.ready)
        report = terms.report_on(price, machine.target, machine.stop) if terms else ()
        return Transition(
            identity, self._instrument.symbol, self.plan.name, self.plan.version, side, kind, reason, at_ms,
            bar_start_ms, self.plan.timeframe, self._on_grid(price), machine.target, machine.stop,
            (*shown, *report), conditions, machine.entry_id,
            Quality(self.warm_session and self.settled, partial, self.late, age_ms),
            terms.score_now if terms else None, tuple(name for name, _ in report),
        )  # fmt: skip

    def _level(self, level: BoundLevel | None, price: float, sign: int) -> float | None:
        """A price on the tick grid; None without a level, nan when it is not known."""
        at = level.price(price, sign, self._instrument.tick_size) if level else None
        return at if at is None or at != at else self._on_grid(at)  # noqa: PLR0124 - nan

    def _on_grid(self, price: float) -> float:
        return round(round(price / self._instrument.tick_size) * self._instrument.tick_size, 4)

    def _bar_start(self, at_ms: int) -> int:
        return bounds(at_ms, self.plan.minutes, self.chart.hours)[0]
