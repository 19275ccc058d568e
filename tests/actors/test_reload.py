"""Other strategies while ticks flow: what stays goes on, what is new is no news at once, and nothing is half done."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from actors.jobs import MinuteOver
from actors.line import Line
from actors.messages import AlertMessage, Inspect, Raised
from actors.swap import Successor, Swap
from actors.symbol_actor import SymbolActor
from actors.views import SymbolView
from errors import SettingsError
from market.bar import MINUTE_MS, Bar
from market.tick import TickBatch
from settings.strategy_files import shipped
from settings.strategy_schema import StrategySettings
from signals.signal import Transition
from tests.factories import Told, at, instrument, real_bars, said

SYMBOLS = ("NSE:TCS", "NSE:INFY", "NSE:SBIN", "NSE:RELIANCE")
DAY = next(iter(real_bars().values()))[0].session
WAIT_S = 30.0


def ruled(*long: str, name: str = "mine", **changes: Any) -> StrategySettings:
    plain = {"target": "", "stop": "", "exit": "none", "cooldown_bars": 0, "no_entry_last_minutes": 0}
    return StrategySettings.model_validate({"name": name, "long": {"entry": long}} | plain | changes)


class Floor:
    """A line on its own thread, the bars it closed, and all that it says."""

    def __init__(self, *strategies: StrategySettings, symbols: Sequence[str] = SYMBOLS) -> None:
        self.alerts: Told[AlertMessage] = Told()
        self.health: Told[Any] = Told()
        self.stored: dict[str, list[Bar]] = {}
        self.keys = {symbol: number for number, symbol in enumerate(symbols)}
        traded = {number: instrument(symbol) for symbol, number in self.keys.items()}
        self.line = Line(strategies, traded, self._keep, self.alerts, self.health, None)
        self.line.start()

    def _keep(self, bars: Sequence[tuple[str, Bar]]) -> None:
        for symbol, bar in bars:
            self.stored.setdefault(symbol, []).append(bar)

    def actor(self, symbol: str) -> SymbolActor:
        return self.line.actors[self.keys[symbol]]

    def past(self, actor: SymbolActor, minutes: int) -> Sequence[Bar]:
        del minutes
        return list(self.stored.get(actor.instrument.symbol, ()))

    def reload(self, *strategies: StrategySettings) -> None:
        self.settle()
        self.line.reload(strategies, self.past)

    def watch(self, begin: str, end: str) -> "Floor":
        """The bundled session from one minute to another, each bar as four trades."""
        first, last = at(begin, DAY), at(end, DAY)
        bars = [
            (bar.start_ms, self.keys[symbol], bar)
            for symbol in self.keys
            for bar in real_bars()[symbol]
            if first <= bar.start_ms < last
        ]
        by_minute: dict[int, list[tuple[int, Bar]]] = {}
        for start, key, bar in bars:
            by_minute.setdefault(start, []).append((key, bar))
        for start in range(first, last, MINUTE_MS):
            for key, bar in by_minute.get(start, ()):
                self.trades(key, start, bar.open, bar.high, bar.low, bar.close, volume=bar.volume)
            self.line.router.minute_ended(start, start + MINUTE_MS)
        return self

    def trades(self, key: int, start: int, *prices: float, volume: int = 400) -> None:
        actor = self.line.actors[key]
        self._days = getattr(self, "_days", {})
        day = self._days.get(key, 0)
        share = volume // len(prices)
        volumes = [day + share * (number + 1) for number in range(len(prices))]
        volumes[-1] = day + volume
        self._days[key] = day + volume
        times = [start + 14_000 * number for number in range(len(prices))]
        del actor
        self.line.router.route(TickBatch(0, [key] * len(prices), times, list(prices), volumes))

    def minute(self, clock: str, *prices: float) -> "Floor":
        """A minute of the first symbol."""
        start = at(clock, DAY)
        self.trades(0, start, *prices)
        self.line.router.minute_ended(start, start + MINUTE_MS)
        return self

    def settle(self) -> None:
        done = threading.Event()
        self.line.router.put(_Told(done))
        assert done.wait(WAIT_S)

    @property
    def transitions(self) -> list[Transition]:
        self.settle()
        return [told.transition for told in self.alerts if isinstance(told, Raised)]

    def of(self, name: str) -> list[Transition]:
        return [each for each in self.transitions if each.strategy == name]

    def view(self, symbol: str = SYMBOLS[0]) -> SymbolView:
        view = self.actor(symbol).actor_ref.ask(Inspect(), timeout=WAIT_S)
        assert isinstance(view, SymbolView)
        return view


class _Told:
    def __init__(self, event: threading.Event) -> None:
        self.run = event.set


@pytest.fixture
def floors() -> Iterator[list[Floor]]:
    made: list[Floor] = []
    yield made
    for floor in made:
        floor.line.stop()


@pytest.fixture
def open_floor(floors: list[Floor]) -> Callable[..., Floor]:
    def opened(*strategies: StrategySettings, symbols: Sequence[str] = SYMBOLS) -> Floor:
        floors.append(Floor(*strategies, symbols=symbols))
        return floors[-1]

    return opened


OURS = shipped("ema_vwap")
FIVE = ruled("close > ema(8) on 5m", "close > vwap", name="five", timeframe="5m", target="0.4 %", stop="0.3 %")
OTHERS = [
    [ruled("close crosses above ema(55)", name="other", target="0.2 %", stop="0.2 %"), OURS, FIVE],
    [FIVE, OURS],
    [OURS, FIVE, ruled('close > ema(9) of "NSE:TCS"', "rsi(6) on 3m > 60", name="other")],
    [OURS.model_copy(update={"name": "copy"}), OURS, FIVE],
]


def test_a_strategy_that_stays_says_the_same_as_without_any_reload(open_floor: Callable[..., Floor]):
    never = open_floor(OURS, FIVE).watch("09:15", "13:00")
    ours = open_floor(OURS, FIVE)
    ours.watch("09:15", "10:07")
    for (begin, end), strategies in zip(
        (("10:07", "10:08"), ("10:08", "10:43"), ("10:43", "11:31"), ("11:31", "13:00")), OTHERS, strict=True
    ):
        ours.reload(*strategies)
        ours.watch(begin, end)
    assert len(never.transitions) > 40
    for name in ("ema_vwap", "five"):
        assert ours.of(name) == never.of(name)
        assert ours.of(name)


def test_a_new_strategy_is_warm_at_once_and_says_what_it_would_have_said(open_floor: Callable[..., Floor]):
    entry = ("close crosses above ema(30)", "close > ema(5) on 5m")
    new = ruled(*entry, name="new", target="0.1 %", stop="0.1 %")
    always = open_floor(OURS, new).watch("09:15", "12:30")
    ours = open_floor(OURS).watch("09:15", "11:00")
    ours.reload(OURS, new)
    assert ours.of("new") == []
    ours.watch("11:00", "12:30")
    since = at("11:00", DAY)
    left_open = {each.state_id for each in always.of("new") if each.bar_start_ms < since}
    expected = [each for each in always.of("new") if each.bar_start_ms >= since and each.state_id not in left_open]
    assert len(expected) > 4
    assert [each for each in ours.of("new") if each in expected] == expected


def test_a_condition_that_holds_already_is_no_news(open_floor: Callable[..., Floor]):
    ours = open_floor(ruled("close > 200"), symbols=SYMBOLS[:1])
    for clock in ("09:15", "09:16", "09:17"):
        ours.minute(clock, 101.0)
    ours.reload(ruled("close > 100"))
    ours.minute("09:18", 101.0).minute("09:19", 99.0).minute("09:20", 101.0)
    assert said(ours.transitions) == [("ENTRY", "LONG", "09:21:00", 101.0)]


def test_an_open_signal_goes_on_with_the_target_and_stop_it_was_told(open_floor: Callable[..., Floor]):
    ours = open_floor(ruled("close > 100", target="5", stop="3"), symbols=SYMBOLS[:1])
    ours.minute("09:15", 99.0).minute("09:16", 101.0)
    ours.reload(ruled("close > 100", target="1", stop="1"))
    ours.minute("09:17", 102.0, 99.0, 101.0).minute("09:18", 106.5)
    assert said(ours.transitions) == [("ENTRY", "LONG", "09:17:00", 101.0), ("EXIT", "target", "09:18:00", 106.5)]
    assert [each.target for each in ours.transitions] == [106.0, 106.0]


@pytest.mark.parametrize("instead", [[], [ruled("close > 100", version="2", target="1", stop="")]])
def test_a_strategy_that_is_gone_ends_its_open_signal_as_told_and_makes_no_other(
    open_floor: Callable[..., Floor], instead: list[StrategySettings]
):
    ours = open_floor(ruled("close > 100", target="5", stop="3"), symbols=SYMBOLS[:1])
    ours.minute("09:15", 99.0).minute("09:16", 101.0)
    ours.reload(*instead, ruled("close > 1000", name="unlike"))
    ours.minute("09:17", 102.0)
    assert {(each.name, each.version, each.state) for each in ours.view().strategies} >= {("mine", "1", "IN_SIGNAL")}
    ours.reload(*instead, ruled("close > 2000", name="unlike"))
    ours.minute("09:18", 97.0).minute("09:19", 99.0).minute("09:20", 104.0)
    first = [each for each in ours.transitions if each.version == "1"]
    assert said(first) == [("ENTRY", "LONG", "09:17:00", 101.0), ("EXIT", "stop", "09:18:00", 97.0)]
    assert first[1].state_id == first[0].id
    assert ("mine", "1") not in {(each.name, each.version) for each in ours.view().strategies}
    assert said(each for each in ours.transitions if each.version == "2") == (
        [("ENTRY", "LONG", "09:21:00", 104.0)] if instead else []
    )


def test_what_an_open_signal_reads_of_another_symbol_outlives_two_reloads(open_floor: Callable[..., Floor]):
    rules = {"entry": ("close > 1",), "exit": ('(close crosses below ema(20)) of "NSE:INFY"',)}
    mine = ruled(trigger="level", cooldown_bars=300, long=rules)
    symbols = ("NSE:TCS", "NSE:INFY")
    never = open_floor(mine, symbols=symbols).watch("09:15", "11:00")
    ours = open_floor(mine, symbols=symbols).watch("09:15", "09:25")
    ours.reload(OURS)
    ours.watch("09:25", "09:30").reload(FIVE)
    ours.watch("09:30", "11:00")
    assert [str(each.reason) for each in never.of("mine")] == ["rule", "rule", "exit_rule", "exit_rule"]
    for symbol in symbols:  # which of them comes first in a minute may change
        assert [each for each in ours.of("mine") if each.symbol == symbol] == [
            each for each in never.of("mine") if each.symbol == symbol
        ]


def test_a_strategy_that_comes_back_goes_on_with_its_open_signal(open_floor: Callable[..., Floor]):
    mine = ruled("close > 100", target="5", stop="3")
    ours = open_floor(mine, symbols=SYMBOLS[:1])
    ours.minute("09:15", 99.0).minute("09:16", 101.0)
    ours.reload(ruled("close > 1000", name="unlike"))
    ours.minute("09:17", 102.0)
    ours.reload(mine)
    ours.minute("09:18", 97.0).minute("09:19", 101.0)
    assert said(ours.transitions) == [
        ("ENTRY", "LONG", "09:17:00", 101.0),
        ("EXIT", "stop", "09:18:00", 97.0),
        ("ENTRY", "LONG", "09:20:00", 101.0),
    ]


def test_a_rebuild_after_a_reload_raises_nothing_for_the_time_before_it(open_floor: Callable[..., Floor]):
    ours = open_floor(ruled("close > 200"), symbols=SYMBOLS[:1])
    ours.minute("09:15", 99.0).minute("09:16", 101.0).minute("09:17", 99.0).minute("09:18", 99.0)
    ours.reload(ruled("close > 100"))
    ours.minute("09:19", 99.0)
    ours.settle()
    actor = ours.actor(SYMBOLS[0])
    ours.line.rebuild(actor, ours.past(actor, 0), at("00:00", DAY))
    assert ours.transitions == []
    ours.minute("09:20", 101.0)
    assert said(ours.transitions) == [("ENTRY", "LONG", "09:21:00", 101.0)]


def test_bars_that_close_while_the_past_is_read_are_not_missed(open_floor: Callable[..., Floor]):
    new = ruled("close > ema(20)", "close > ema(4) on 5m", name="new", timeframe="3m")
    always = open_floor(OURS, new).watch("09:15", "11:00")
    ours = open_floor(OURS).watch("09:15", "10:20")
    ours.settle()

    def slow(actor: SymbolActor, minutes: int) -> Sequence[Bar]:
        read = ours.past(actor, minutes)
        if actor is ours.actor("NSE:INFY"):
            ours.watch("10:20", "10:42").settle()
        return read

    ours.line.reload([OURS, new], slow)
    ours.watch("10:42", "11:00")
    for symbol in SYMBOLS:
        mine, theirs = ours.view(symbol).strategies[1], always.view(symbol).strategies[1]
        assert mine.indicators == theirs.indicators
        assert mine.conditions == theirs.conditions
        assert ours.view(symbol).bars_seen == always.view(symbol).bars_seen


def test_a_symbol_rebuilt_while_its_past_was_read_is_named(open_floor: Callable[..., Floor]):
    ours = open_floor(OURS).watch("09:15", "09:50")
    ours.settle()
    infy = ours.actor("NSE:INFY")

    def meanwhile(actor: SymbolActor, minutes: int) -> Sequence[Bar]:
        if actor is ours.actor("NSE:SBIN"):
            ours.line.rebuild(infy, ours.past(infy, minutes), at("00:00", DAY))
        return ours.past(actor, minutes)

    reloaded = ours.line.reload([OURS, ruled("close > sma(9)", name="new")], meanwhile)
    assert reloaded.stale == (infy,)
    assert reloaded.warmed == len(SYMBOLS)
    assert reloaded.bars == sum(map(len, ours.stored.values()))


def test_what_only_compares_otherwise_asks_for_no_past(open_floor: Callable[..., Floor]):
    ours = open_floor(ruled("rsi(6) > 60", 'close > ema(9) of "NSE:INFY"')).watch("09:15", "09:40")
    ours.settle()

    def never(actor: SymbolActor, minutes: int) -> Sequence[Bar]:
        raise AssertionError((actor, minutes))

    reloaded = ours.line.reload([ruled("rsi(6) > 70", 'close > ema(9) of "NSE:INFY" + 1%')], never)
    assert (reloaded.warmed, reloaded.bars, reloaded.unwatched) == (0, 0, ())


def test_symbols_that_rules_read_and_nobody_watches_are_named(open_floor: Callable[..., Floor]):
    ours = open_floor(OURS)
    reloaded = ours.line.reload([ruled('close > close[1] of "NSE:NIFTY 50"')], ours.past)
    assert reloaded.unwatched == ("NSE:NIFTY 50",)


def test_a_past_that_cannot_be_read_changes_nothing(open_floor: Callable[..., Floor]):
    ours = open_floor(OURS).watch("09:15", "10:30")
    never = open_floor(OURS).watch("09:15", "12:00")
    ours.settle()

    def broken(actor: SymbolActor, minutes: int) -> Sequence[Bar]:
        del minutes
        if actor is ours.actor("NSE:SBIN"):
            raise SettingsError(["no"])
        return ours.past(actor, 0)

    with pytest.raises(SettingsError, match="no"):
        ours.line.reload([ruled("close > sma(9)")], broken)
    ours.watch("10:30", "12:00")
    assert ours.transitions == never.transitions
    assert ours.line._outlets.closed_since is None


def test_a_minute_that_ends_while_symbols_change_over_is_decided_by_the_new_rules_everywhere(
    open_floor: Callable[..., Floor],
):
    symbols = tuple(real_bars())[:80]
    ours = open_floor(ruled("close > 1"), symbols=symbols)
    ours.watch("09:15", "09:20")
    ours.settle()
    before = len(ours.transitions)
    ours.line.worker.stop()
    line = ours.line
    fresh = Floor(ruled("close > ema(2)", name="new"), symbols=symbols)
    fresh.line.stop()
    successors = [Successor(actor, fresh.line.actors[key].study, 0) for key, actor in line.actors.items()]
    waiting: list[Any] = []
    done = threading.Event()
    swap = Swap(successors, (), line._outlets, waiting.append, line.router.reorder, done.set)
    swap.run()
    assert not done.is_set()
    old = [actor for actor in line.actors.values() if actor.runners[0].plan.name == "mine"]
    assert 0 < len(old) < len(symbols)
    minute = at("09:20", DAY)
    MinuteOver(list(line.actors.values()), minute, minute, line._outlets, lambda _: None).run()
    assert done.is_set()
    assert {actor.runners[0].plan.name for actor in line.actors.values()} >= {"new"}
    waiting[0].run()
    assert len(ours.alerts) == before
