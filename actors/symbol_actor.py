"""One actor per symbol: its ticks become bars, its bars become signals."""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from math import inf
from types import TracebackType
from typing import assert_never

from actors.messages import FeedInterrupted, Inspect, MachineRow, MinuteEnded, Raised, SymbolFailed, SymbolMessage
from actors.outlets import Outlets
from actors.pool import PooledActor, Worker
from actors.symbol_view import symbol_view
from actors.views import SymbolView
from engine.runner import Runner
from engine.study import Study
from engine.takeover import take_over
from market.bar import MINUTE_MS, Bar
from market.bar_builder import BarBuilder
from market.instrument import Kind
from signals.signal import SignalType, Transition

BARS_SHOWN = 10
TRANSITIONS_SHOWN = 5


class SymbolActor(PooledActor):
    """Turns one symbol's ticks into bars, and its bars into signals."""

    def __init__(self, worker: Worker, study: Study, outlets: Outlets) -> None:
        super().__init__(worker)
        self.study = study
        self.instrument, self.hours = study.instrument, study.hours
        self.bars = BarBuilder(
            self.hours, self._on_level, doubts_far_prices=self.instrument.kind is not Kind.OPTION,
            price_band=self.instrument.price_band,
        )  # fmt: skip
        self.on_tick = self.bars.add
        """Takes one tick: trade time in epoch milliseconds UTC, price in rupees, cumulative day volume in units.

        It is the bar builder's own method, so that the hot path is one call.
        """
        self.runners: Sequence[Runner] = study.runners
        self.market_ms = 0
        """Latest market time told by `MinuteEnded`, epoch milliseconds UTC."""
        self.last_bar: Bar | None = None
        self._whole = True
        """Every minute of this session was seen, from its open."""
        self._is_unasked = False
        """The last bar is of an earlier day's history, and no strategy was asked about it."""
        self._is_past = False
        """The bar at hand is of the history, whose holes are known."""
        self._outlets = outlets
        self._keep = outlets.bars.append
        self._symbol = self.instrument.symbol
        left_open = [self.hours.at(runner.machine.since_ms) for runner in self.runners if runner.in_signal]
        self._close_ms = max((session.close_ms for session in left_open if session), default=0)
        """End of the continuous phase of the session under way, or of the one that restored signals belong to."""
        self.recent_bars: deque[Bar] = deque(maxlen=BARS_SHOWN)
        self.recent: deque[Transition] = deque(maxlen=TRANSITIONS_SHOWN)
        self._watch()

    @property
    def last_trade_ms(self) -> int:
        """Trade time of the newest tick, epoch milliseconds UTC; 0 before the first."""
        return self.bars.last_trade_ms or (self.last_bar.last_ms if self.last_bar else 0)

    @property
    def in_signal(self) -> bool:
        """Whether any of its strategies is."""
        return any(runner.in_signal for runner in self.runners)

    @property
    def held(self) -> bool:
        """Whether a hole keeps any of its strategies from entering."""
        return any(runner.held for runner in self.runners)

    def on_bar(
        self, start_ms: int, open_: float, high: float, low: float, close: float, volume: int,
        partial: bool,  # noqa: FBT001 - a column of a job's rows
    ) -> None:  # fmt: skip
        """Take one finished 1-minute bar of a replay; it closes by the clock like a bar of ticks."""
        self.bars.put(start_ms, open_, high, low, close, volume, partial=partial)

    def on_history(self, bar: Bar, today: bool) -> None:  # noqa: FBT001 - a column of a job's rows
        """Take a 1-minute bar of the store: it warms the indicators; today's also step the machines, as late."""
        if today:
            if bar.start_ms > self.bars.closed_through:
                self.bars.close_through(bar.start_ms)
            self._is_past = True
            for runner in self.runners:
                runner.late = True
            self._on_minute_bar(bar)
            for runner in self.runners:
                runner.late = False
            self._is_past = False
            return
        for runners in (self.study.pass_time(bar.start_ms), self.study.take(bar)):
            for runner in runners:
                runner.last_bar = runner.chart.bar
        self._is_unasked = True

    def ask_again(self) -> None:
        """Know what the strategies say of the last bar of the history: of each before it nobody needs to."""
        if self._is_unasked:
            self._is_unasked = False
            for runner in self.runners:
                if runner.last_bar is not None:
                    runner.warm(runner.last_bar)

    def on_history_passed(self, until_ms: int) -> None:
        """Close what ended up to `until_ms`, epoch milliseconds UTC, though no stored bar has come since; as late."""
        for runner in self.runners:
            runner.late = True
        self._ask(self.study.pass_time(until_ms))
        for runner in self.runners:
            runner.late = False

    def rebuild(self, bars: Sequence[Bar], today_ms: int) -> None:
        """Begin anew from 1-minute bars, oldest first: earlier days warm, those from `today_ms` on step as late.

        Bars that closed after these were read are added; those that are yet to close come as they always do. What a
        machine has said stays said.
        """
        through = self.bars.closed_through
        chosen = {bar.start_ms: bar for bar in bars if bar.start_ms <= through}
        newest = max(chosen, default=0)
        chosen.update((bar.start_ms, bar) for bar in self.recent_bars if bar.start_ms > newest)
        self.recent_bars.clear()
        self.last_bar = None
        self.study.renew()
        for start in sorted(chosen):
            self.on_history(chosen[start], today=start >= today_ms)
        self.on_history_passed(through + MINUTE_MS)
        self._watch()

    def take_over(self, study: Study, unchanged: Collection[str]) -> None:
        """Go on by other rules; `unchanged` names the strategies that are the same in both."""
        take_over(study, self.study, self.bars.closed_through + MINUTE_MS, unchanged, whole_session=self._whole)
        self.study, self.runners = study, study.runners
        self._watch()

    def on_minute_ended(self, minute: int, watermark: int) -> None:
        """Close what is over: `minute` is the start of the last minute that is, epoch milliseconds UTC."""
        self.market_ms = watermark
        for bar in self.bars.close_through(minute):
            self._keep((self._symbol, bar))
            self._on_minute_bar(bar)
        over_ms = minute + MINUTE_MS
        self._ask(self.study.pass_time(over_ms))
        if over_ms >= self._close_ms:
            for runner in self.runners:
                runner.late = self.last_bar is None  # a signal that an earlier day's run left open
                self._raise(runner, runner.on_market_end(self._close_ms))
                runner.late = False

    def on_receive(self, message: SymbolMessage) -> SymbolView | None:
        match message:
            case MinuteEnded():
                self.on_minute_ended(message.minute, message.watermark)
            case FeedInterrupted():
                self.bars.interrupted()
            case Inspect():
                return symbol_view(self)
            case _:
                assert_never(message)
        return None

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        del exception_type, traceback  # pykka has logged them
        self.on_minute_ended = lambda *_: None  # type: ignore[method-assign] # its bars stay open
        self.study.retire()  # and nothing that still comes raises a signal
        self.runners = ()
        self._outlets.health.tell(SymbolFailed(self.instrument.symbol, repr(exception_value)))

    def _on_minute_bar(self, bar: Bar) -> None:
        self.ask_again()
        last = self.last_bar
        if last is None or bar.session != last.session or bar.start_ms >= self._close_ms:
            self._begin_session(bar, last)
        elif bar.partial:
            self._trust(whole=False)
        if bar.partial and not self._is_past:
            self._tell_of_hole(last, bar)
        self.last_bar = bar
        self.recent_bars.append(bar)
        self._ask(self.study.pass_time(bar.start_ms))
        for runner in self.runners:
            if not (runner.floor < bar.low and bar.high < runner.ceiling):
                self._raise(runner, runner.on_trades(bar))
        for runner in self.study.take(bar):
            transition = runner.on_bar(runner.chart.bar)
            if transition is not None:
                self._raise(runner, transition)

    def _begin_session(self, bar: Bar, last: Bar | None) -> None:
        """The first bar of a session; a day may have two."""
        session = self.hours.at(bar.start_ms)
        assert session is not None, "a bar has a session"
        self._close_ms = session.close_ms
        if last is None or bar.session != last.session:
            self._trust(whole=not bar.partial)
        elif bar.partial:
            self._trust(whole=False)

    def _ask(self, runners: Iterable[Runner]) -> None:
        """Ask about bars that the clock closed; one of an earlier day's history warms and raises nothing."""
        for runner in runners:
            bar = runner.chart.bar
            if self.last_bar is not None and self.last_bar.session == bar.session:
                self._raise(runner, runner.on_bar(bar))
            else:
                runner.warm(bar)

    def _trust(self, *, whole: bool) -> None:
        self._whole = whole
        for runner in self.runners:
            runner.warm_session = whole

    def _tell_of_hole(self, last: Bar | None, bar: Bar) -> None:
        """Have a hole repaired; one that swallowed a whole bar of a timeframe keeps its strategies from entering."""
        on_hole = self._outlets.on_hole
        if on_hole is None:
            return
        session = self.hours.at(bar.start_ms)
        assert session is not None, "a bar has a session"
        since_ms = last.end_ms if last is not None and last.session == bar.session else session.open_ms
        for runner in self.runners:
            runner.held |= bar.start_ms - since_ms >= runner.plan.minutes * MINUTE_MS
        on_hole(self, since_ms, bar.end_ms)

    def _on_level(self, at_ms: int, price: float) -> None:
        """A trade reached a target or a stop."""
        for runner in self.runners:
            if not runner.floor < price < runner.ceiling:
                self._raise(runner, runner.on_tick(at_ms, price))

    def _raise(self, runner: Runner, transition: Transition | None) -> None:
        if transition is None:
            return
        self.recent.append(transition)
        entry = transition.type is SignalType.ENTRY
        kind = f"{transition.type} {transition.direction if entry else transition.reason}"
        self._outlets.signals[kind] = self._outlets.signals.get(kind, 0) + 1
        plan = runner.plan
        row = MachineRow(self.instrument.symbol, plan.name, plan.version, runner.machine.to_json())
        self._outlets.alerts.tell(Raised(transition, row))
        if runner.leaving and not runner.in_signal:
            self.study.dismiss(runner)
            self.runners = self.study.runners
        self._watch()

    def _watch(self) -> None:
        """Have the builder look out for the nearest target or stop."""
        floor, ceiling = -inf, inf
        for runner in self.runners:
            floor, ceiling = max(floor, runner.floor), min(ceiling, runner.ceiling)
        self.bars.watch(floor, ceiling)
