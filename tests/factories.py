"""What the tests of the line are made of: instruments, hours, bars, plans, actors, and something to tell."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from actors.messages import AlertMessage, MinuteEnded, Raised
from actors.outlets import Outlets
from actors.pool import Job, Worker
from actors.symbol_actor import SymbolActor
from engine.plan import MakeStrategy, Plan
from engine.planner import plan_of
from engine.study import Study
from indicators.chart import Chart
from indicators.indicator import Indicator
from market.bar import MINUTE_MS, Bar
from market.bar_builder import BarBuilder
from market.clock import IST
from market.instrument import Instrument, Kind
from market.sessions import Hours, SessionTable
from rules.references import References
from settings.strategy_files import shipped
from settings.strategy_schema import StrategySettings
from signals.machine import Machine
from signals.signal import Condition, Side, Transition
from strategies.strategy import Strategy

DAY = date(2025, 11, 17)
"""A Monday with an ordinary session, and the day after it has one too."""
NEXT_DAY = date(2025, 11, 18)
OPEN, CLOSE = "09:15", "15:30"
SESSION_FILE = Path(__file__).parent.parent / "simulator/data/nse166_1m_20160930.csv.gz"

M = TypeVar("M")


# --- time ----------------------------------------------------------------------------------------------------------


def at(clock: str, day: date = DAY) -> int:
    """A time of day on the exchange as epoch milliseconds UTC: `at("09:15:10")`, `at("09:15:10.250")`."""
    return round(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST).timestamp() * 1000)


def minute_ended(clock: str, day: date = DAY) -> MinuteEnded:
    """The minute that starts at `clock` and its grace time are over."""
    return MinuteEnded(at(clock, day), at(clock, day) + MINUTE_MS + 1500)


class ClockByHand:
    """Shows what the test sets."""

    def __init__(self, now_ms: int = 0) -> None:
        self.ms = now_ms
        self.seconds = 1000.0

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.seconds

    def pass_ms(self, span_ms: int) -> None:
        self.ms += span_ms
        self.seconds += span_ms / 1000


# --- market --------------------------------------------------------------------------------------------------------


def instrument(symbol: str = "NSE:TCS", **changes: Any) -> Instrument:
    """A stock of the NSE without derivatives, unless told otherwise."""
    exchange = symbol.partition(":")[0]
    return Instrument(symbol, exchange, **{"kind": Kind.EQUITY, "tick_size": 0.05, "series": "EQ", **changes})


@cache
def session_table() -> SessionTable:
    return SessionTable()


def hours(symbol: str = "NSE:TCS", **changes: Any) -> Hours:
    """When such an instrument trades."""
    return session_table().hours(instrument(symbol, **changes))


def bar(
    clock: str,
    open_: float,
    high: float | None = None,
    low: float | None = None,
    close: float | None = None,
    volume: int = 100,
    *,
    minutes: int = 1,
    day: date = DAY,
    partial: bool = False,
) -> Bar:
    """A bar that starts at `clock`; a single price makes a flat one."""
    close = open_ if close is None else close
    start = at(clock, day)
    return Bar(
        start,
        start + minutes * MINUTE_MS,
        day,
        open_,
        max(open_, close) if high is None else high,
        min(open_, close) if low is None else low,
        close,
        volume,
        partial=partial,
    )


def bars_at(closes: Iterable[float], start: str = OPEN, *, volume: int = 100, day: date = DAY) -> list[Bar]:
    """One flat bar a minute from `start` on."""
    first = at(start, day)
    return [
        Bar(first + number * MINUTE_MS, first + (number + 1) * MINUTE_MS, day, close, close, close, close, volume)
        for number, close in enumerate(closes)
    ]


@cache
def real_bars() -> dict[str, tuple[Bar, ...]]:
    """The bundled session, 166 stocks on 30 September 2016, zero-volume fills left out; by symbol, oldest first."""
    found: defaultdict[str, list[Bar]] = defaultdict(list)
    day = date(2016, 9, 30)
    starts: dict[str, int] = {}
    with gzip.open(SESSION_FILE, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for code, stamp, *prices, volume in rows:
            if volume == "0":
                continue
            start = starts.get(stamp) or starts.setdefault(stamp, at(stamp[11:], day))
            open_, high, low, close = map(float, prices)
            found["NSE:" + code].append(Bar(start, start + MINUTE_MS, day, open_, high, low, close, int(volume)))
    return {symbol: tuple(sorted(bars, key=lambda each: each.start_ms)) for symbol, bars in found.items()}


class Builder(BarBuilder):
    """A bar builder that also takes times as a clock shows them."""

    __slots__ = ("reached",)

    def __init__(
        self,
        trading: Hours | None = None,
        *,
        doubts_far_prices: bool = False,
        price_band: tuple[float, float] | None = None,
    ) -> None:
        self.reached: list[tuple[int, float]] = []
        super().__init__(
            trading or hours(),
            lambda at_ms, price: self.reached.append((at_ms, price)),
            doubts_far_prices=doubts_far_prices,
            price_band=price_band,
        )

    def tick(self, clock: str, price: float, day_volume: int = 0, day: date = DAY) -> None:
        self.add(at(clock, day), price, day_volume)

    def end(self, clock: str, day: date = DAY) -> list[Bar]:
        """The bars that close when the minute from `clock` on is over."""
        return list(self.close_through(at(clock, day)))


# --- actors --------------------------------------------------------------------------------------------------------


class Told(list[M], Generic[M]):
    """A list that stands in for another actor."""

    def tell(self, message: M) -> None:
        self.append(message)


class InlineWorker(Worker):
    """Does at once, on the caller's thread, what a worker's own thread would do: one thing after the other."""

    def __init__(self) -> None:
        super().__init__("inline")
        self._waiting: list[Job] = []

    def put(self, job: Job) -> None:
        self._waiting.append(job)
        if len(self._waiting) == 1:
            while self._waiting:
                self._waiting[0].run()
                del self._waiting[0]


# --- strategies ----------------------------------------------------------------------------------------------------


class Ready(Indicator):
    """Counts the bars it saw; ready after `after` of them."""

    def __init__(self, chart: Chart, after: int = 1) -> None:
        super().__init__()
        self._chart, self._after = chart, after

    def update(self) -> None:
        if self._chart.seen >= self._after:
            self.value = self._chart.seen


class Threshold(Strategy):
    """Long when the close is above 100, short when it is below."""

    needs_volume = False

    def __init__(self, chart: Chart, warm_after: int = 1) -> None:
        super().__init__({"seen": chart.series(f"seen({warm_after})", lambda: Ready(chart, warm_after))})

    def side(self, bar: Bar) -> Side | None:
        if bar.close > 100:
            return Side.LONG
        return Side.SHORT if bar.close < 100 else None

    def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
        if side is Side.LONG:
            return (Condition("close > 100", bar.close, 100.0, ok=bar.close > 100),)
        return (Condition("close < 100", bar.close, 100.0, ok=bar.close < 100),)


class ThresholdOnVolume(Threshold):
    """The same, silent on bars whose volume is incomplete."""

    needs_volume = True


def plan(strategy: MakeStrategy | None = None, **changes: Any) -> Plan:
    """A plan of `Threshold` on 1-minute bars, or of another strategy in Python; `changes` are keys of `[[strategy]]`.

    Without target, stop and exit rule unless told otherwise.
    """
    return rule_plan(strategy=strategy or Threshold, **{"name": "threshold", **changes})


def rule_plan(strategy: MakeStrategy | None = None, **changes: Any) -> Plan:
    """A plan of rules: `changes` are keys of `[[strategy]]`."""
    plain = {"name": "rules", "target": "", "stop": "", "exit": "none", "cooldown_bars": 2}
    return plan_from(StrategySettings.model_validate(plain | changes), strategy)


def plan_from(chosen: StrategySettings, strategy: MakeStrategy | None = None) -> Plan:
    """The plan of settings that override nothing."""
    return plan_of(chosen, chosen.parameters, chosen.timeframe, strategy)


def ema_vwap(fast: int = 9, middle: int = 15, slow: int = 55, **changes: Any) -> StrategySettings:
    """The shipped strategy with averages of these lengths, in bars; `changes` are keys of `[[strategy]]`."""
    as_it_is = shipped("ema_vwap")
    parameters = as_it_is.parameters | {"fast": fast, "middle": middle, "slow": slow}
    return StrategySettings.model_validate(as_it_is.model_dump() | {"parameters": parameters} | changes)


def chart(minutes: int = 1, symbol: str = "NSE:TCS", tick_size: float = 0.05) -> Chart:
    """An empty chart of a symbol."""
    return Chart(minutes, tick_size, hours(symbol))


def study(*plans: Plan, symbol: str = "NSE:TCS", tick_size: float = 0.05, machine: Machine | None = None) -> Study:
    """What a symbol computes."""
    traded = instrument(symbol, tick_size=tick_size)
    references = References()
    references.expect(recipe for each in plans for recipe in each.recipes)
    return Study(traded, hours(symbol), plans, references, lambda _: machine or Machine())


class Desk:
    """A symbol actor on an inline worker, and all that it says."""

    def __init__(self, *plans: Plan, symbol: str = "NSE:TCS", machine: Machine | None = None) -> None:
        self.alerts: Told[AlertMessage] = Told()
        self.health: Told[Any] = Told()
        self.outlets = Outlets(self.alerts, self.health)
        self.worker = InlineWorker()
        self.actor = SymbolActor.launch(self.worker, study(*plans, symbol=symbol, machine=machine), self.outlets)

    def tick(self, clock: str, price: float, day_volume: int = 0, day: date = DAY) -> None:
        self.actor.on_tick(at(clock, day), price, day_volume)

    def end(self, *clocks: str, day: date = DAY) -> None:
        """The minutes that start at `clocks` are over, one after the other."""
        for clock in clocks:
            self.actor.on_receive(minute_ended(clock, day))

    def minute(self, clock: str, *prices: float, volume: int = 100, day: date = DAY) -> None:
        """A whole minute: its prices five seconds apart, and its end."""
        for number, price in enumerate(prices):
            day_volume = self.actor.bars.day_volume + (volume if number == 0 else 0)
            self.actor.on_tick(at(clock, day) + 5000 * number, price, day_volume)
        self.end(clock, day=day)

    @property
    def transitions(self) -> list[Transition]:
        return [told.transition for told in self.alerts if isinstance(told, Raised)]


def said(transitions: Iterable[Transition | None]) -> list[tuple[str, str, str, float]]:
    """Transitions as short as a test wants to write them: kind, direction or reason, time of day, price."""
    return list(_said(each for each in transitions if each is not None))


def _said(transitions: Iterable[Transition]) -> Iterator[tuple[str, str, str, float]]:
    for each in transitions:
        clock = datetime.fromtimestamp(each.time_ms / 1000, IST).strftime("%H:%M:%S")
        what = each.direction.value if each.reason.value == "rule" else each.reason.value
        yield each.type.value, what, clock, each.price


def values(bars: Sequence[Bar]) -> list[tuple[int, float, float, float, float, int]]:
    return [each.values() for each in bars]
