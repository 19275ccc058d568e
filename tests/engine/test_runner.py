"""One strategy on one symbol: which bars raise what. `Threshold` is long above 100 and short below."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

import pytest

from engine.plan import MakeStrategy, Plan
from market.bar import Bar
from signals.machine import Machine, State
from signals.signal import Reason, Side, SignalType, Transition, fingerprint
from tests.factories import (
    NEXT_DAY,
    Threshold,
    ThresholdOnVolume,
    at,
    bar,
    bars_at,
    ema_vwap,
    plan,
    plan_from,
    real_bars,
    said,
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


# --- entry ---------------------------------------------------------------------------------------------------------


def test_enters_where_the_conditions_begin_to_hold():
    one = alone()
    closes = [100.0, 101.0, 102.0, 99.0, 98.0]
    assert said(one.feed(bars_at(closes, "10:00"))) == [("ENTRY", "LONG", "10:02:00", 101.0)]
    assert one.runner.in_signal


def test_enters_on_the_other_side_too():
    assert said(alone().feed(bars_at([100.0, 99.0], "10:00"))) == [("ENTRY", "SHORT", "10:02:00", 99.0)]


def test_enters_when_the_sides_change_without_a_pause():
    assert said(alone().feed(bars_at([101.0, 99.0], "10:00"))) == [("ENTRY", "SHORT", "10:02:00", 99.0)]


def test_by_the_edge_the_first_ready_bar_raises_nothing():
    one = alone(partial(Threshold, warm_after=3))
    assert one.feed(bars_at([100.0, 101.0, 101.0, 101.0, 102.0], "10:00")) == []


def test_by_the_edge_the_bar_after_the_first_ready_one_may_raise():
    one = alone(partial(Threshold, warm_after=2))
    assert said(one.feed(bars_at([101.0, 100.0, 101.0], "10:00"))) == [("ENTRY", "LONG", "10:03:00", 101.0)]


def test_by_the_level_the_first_ready_bar_raises_and_not_one_before():
    one = alone(partial(Threshold, warm_after=3), trigger="level")
    assert said(one.feed(bars_at([101.0] * 4, "10:00"))) == [("ENTRY", "LONG", "10:03:00", 101.0)]


def test_the_edge_is_seen_across_bars_that_were_only_for_warming():
    one = alone()
    one.warm(bar("15:29", 101.0))
    assert one.feed([bar("09:15", 101.0, day=NEXT_DAY)]) == []
    other = alone()
    other.warm(bar("15:29", 100.0))
    assert len(other.feed([bar("09:15", 101.0, day=NEXT_DAY)])) == 1


def test_only_wanted_directions_are_entered():
    one = alone(directions=("SHORT",))
    assert one.feed(bars_at([100.0, 101.0], "10:00")) == []
    assert said(one.feed(bars_at([99.0], "10:02"))) == [("ENTRY", "SHORT", "10:03:00", 99.0)]
    assert list(one.runner.conditions()) == ["SHORT"]


@pytest.mark.parametrize(
    ("clock", "minutes", "allowed"),
    [("15:19", 10, True), ("15:20", 10, False), ("15:29", 10, False), ("15:28", 1, True), ("15:29", 1, False)],
)
def test_no_entry_on_a_bar_that_ends_in_the_last_minutes(clock: str, minutes: int, *, allowed: bool):
    one = alone(no_entry_last_minutes=minutes)
    one.feed([bar("15:00", 100.0)])
    assert bool(one.feed([bar(clock, 101.0)])) is allowed


def test_the_last_minutes_count_from_the_symbols_own_close():
    one = alone(no_entry_last_minutes=0)
    one.feed([bar("15:00", 100.0)])
    assert len(one.feed([bar("15:29", 101.0)])) == 1


def test_no_entry_in_a_session_whose_hours_are_not_confirmed():
    drill = date(2024, 5, 18)
    bars = [bar("09:15", 100.0, day=drill), bar("09:16", 101.0, day=drill)]
    assert len(alone().feed(bars)) == 1
    one = alone()
    bars = [bar("11:50", 100.0, day=drill), bar("11:51", 101.0, day=drill), bar("11:52", 99.0, day=drill)]
    assert one.feed(bars) == []
    assert one.runner.last_bar is bars[-1]


def test_a_strategy_on_volume_is_silent_on_a_partial_bar_and_takes_no_edge_from_it():
    bars = [bar("10:00", 100.0), bar("10:01", 101.0, partial=True), bar("10:02", 101.0), bar("10:03", 101.0)]
    assert alone(ThresholdOnVolume).feed(bars) == []
    assert said(alone(ThresholdOnVolume, trigger="level").feed(bars)) == [("ENTRY", "LONG", "10:03:00", 101.0)]


def test_a_strategy_without_volume_fires_on_a_partial_bar_and_says_so():
    (entry,) = alone().feed([bar("10:00", 100.0), bar("10:01", 101.0, partial=True)])
    assert entry.quality.partial
    assert entry.quality.warm


def test_an_entry_tells_everything_about_itself():
    one = alone(target="1 %", stop="0.5 %", version="7")
    late = bar("10:01", 100.5, 101.5, 100.0, 101.0)
    late.last_ms = at("10:01:48")
    one.runner.warm_session = False
    (entry,) = one.feed([bar("10:00", 100.0), late])
    identity = fingerprint("threshold", "7", "NSE:TCS", Side.LONG, SignalType.ENTRY, at("10:01"))
    assert (entry.id, entry.state_id) == (identity, identity)
    assert (entry.symbol, entry.strategy, entry.version, entry.timeframe) == ("NSE:TCS", "threshold", "7", "1m")
    assert (entry.direction, entry.type, entry.reason) == (Side.LONG, SignalType.ENTRY, Reason.RULE)
    assert (entry.time_ms, entry.bar_start_ms, entry.price) == (at("10:02"), at("10:01"), 101.0)
    assert (entry.target, entry.stop) == (102.0, 100.5)
    assert entry.indicators == (("seen", 2.0),)
    assert [(each.text, each.left, each.right, each.ok) for each in entry.conditions] == [
        ("close > 100", 101.0, 100.0, True)
    ]
    assert (entry.quality.warm, entry.quality.late, entry.quality.age_ms) == (False, False, 12_000)


def test_what_is_found_in_stored_bars_is_late():
    one = alone()
    one.runner.late = True
    (entry,) = one.feed(bars_at([100.0, 101.0], "10:00"))
    assert entry.quality.late


# --- levels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "stop", "expected"),
    [
        ("2", "1", (103.0, 100.0)),
        ("1 %", "0.5 %", (102.0, 100.5)),
        ("", "", (None, None)),
        ("0.33", "0.33", (101.35, 100.65)),  # on the tick grid
        ("0.01", "0.001 %", (101.05, 100.95)),  # at least a tick
        ("", "101", (None, None)),  # no price at all
    ],
)
def test_levels_of_a_long_are_above_and_below(target: str, stop: str, expected: tuple[float | None, float | None]):
    machine = entered(target=target, stop=stop).runner.machine
    assert (machine.target, machine.stop) == expected


def test_levels_of_a_short_are_mirrored():
    one = alone(target="1 %", stop="2")
    one.feed(bars_at([100.0, 99.0], "10:00"))
    assert (one.runner.machine.target, one.runner.machine.stop) == (98.0, 101.0)


def test_levels_in_atr_wait_for_the_atr_and_are_measured_with_it():
    one = alone(target="2 atr", stop="1 atr", trigger="level")
    bars = [bar(f"10:{minute:02}", 101.0, 102.0, 100.0, 101.0) for minute in range(14)]
    assert one.feed(bars[:13]) == []
    (entry,) = one.feed(bars[13:])
    assert dict(entry.indicators) == {"seen": 14.0, "atr14": 2.0}
    assert (entry.target, entry.stop) == (105.0, 99.0)


def test_the_atr_of_a_stock_that_does_not_move_still_leaves_a_tick():
    one = alone(target="2 atr", stop="1 atr", trigger="level")
    (entry,) = one.feed(bars_at([101.0] * 14, "10:00"))
    assert (entry.target, entry.stop) == (101.05, 100.95)


def test_a_level_on_volume_waits_for_a_bar_that_has_all_of_it():
    one = alone(trigger="level", stop="at vwap - 1")
    (entry,) = one.feed([bar("10:00", 102.0), bar("10:01", 101.0, partial=True), bar("10:02", 102.0)])[:1]
    assert (entry.bar_start_ms, entry.stop) == (at("10:00"), 101.0)
    other = alone(trigger="level", stop="at vwap - 1")
    raised = other.feed([bar("10:00", 100.0), bar("10:01", 102.0, partial=True), bar("10:02", 102.0)])
    assert [each.bar_start_ms for each in raised] == [at("10:02")]


def test_by_the_edge_the_first_bar_on_which_a_level_is_known_is_no_edge():
    one = alone(stop="1 atr")
    bars = [bar(f"10:{minute:02}", 101.0, 102.0, 100.0, 101.0) for minute in range(20)]
    assert one.feed(bars) == []


def test_a_price_as_a_level_that_is_already_passed_makes_no_entry():
    one = alone(trigger="level", stop="at close + 1")
    assert one.feed(bars_at([101.0, 102.0], "10:00")) == []


def test_levels_keep_to_the_grid_of_the_instrument():
    one = Alone(plan(target="0.7", stop="0.7"), tick_size=0.5)
    one.feed(bars_at([100.0, 101.0], "10:00"))
    assert (one.runner.machine.target, one.runner.machine.stop) == (101.5, 100.5)


# --- exit ----------------------------------------------------------------------------------------------------------


def test_a_tick_at_the_target_ends_the_signal_at_its_own_time():
    one = entered(target="2", stop="1")
    assert (one.runner.floor, one.runner.ceiling) == (100.0, 103.0)
    transition = one.runner.on_tick(at("10:02:07"), 103.0)
    assert said([transition]) == [("EXIT", "target", "10:02:07", 103.0)]
    assert transition.bar_start_ms == at("10:02")
    assert transition.state_id == fingerprint("threshold", "1", "NSE:TCS", Side.LONG, SignalType.ENTRY, at("10:01"))
    assert [(each.text, each.ok) for each in transition.conditions] == [("price >= target", True)]
    assert (transition.quality.partial, transition.quality.late, transition.quality.age_ms) == (False, False, 0)
    assert one.runner.on_tick(at("10:02:08"), 104.0) is None
    assert not one.runner.floor > float("-inf")


def test_a_tick_beyond_the_stop_ends_the_signal_at_the_price_there_was():
    transition = entered(target="2", stop="1").runner.on_tick(at("10:02:07"), 99.0)
    assert said([transition]) == [("EXIT", "stop", "10:02:07", 99.0)]
    assert [(each.text, each.left, each.right, each.ok) for each in transition.conditions] == [
        ("price <= stop", 99.0, 100.0, True)
    ]


def test_the_first_trade_after_the_bar_that_entered_may_end_the_signal():
    assert said([entered(target="2").runner.on_tick(at("10:02:00"), 103.0)]) == [("EXIT", "target", "10:02:00", 103.0)]


def test_a_trade_from_before_the_entry_ends_nothing():
    one = entered(target="2", stop="1")
    assert one.runner.on_tick(at("10:01:59"), 103.0) is None
    assert one.runner.on_trades(bar("10:01", 100.0, 200.0, 50.0, 100.0)) is None
    assert one.runner.in_signal


def test_when_only_bars_are_known_high_and_low_count_and_the_stop_comes_first():
    assert said(entered(target="2", stop="1").feed([bar("10:02", 101.0, 103.5, 100.5, 102.0)])) == [
        ("EXIT", "target", "10:03:00", 103.0)
    ]
    assert said(entered(target="2", stop="1").feed([bar("10:02", 101.0, 104.0, 99.5, 104.0)])) == [
        ("EXIT", "stop", "10:03:00", 100.0)
    ]


def test_a_gap_over_the_stop_is_told_at_the_price_of_the_gap():
    assert said(entered(stop="1").feed([bar("10:02", 98.0)])) == [("EXIT", "stop", "10:03:00", 98.0)]


def test_leaves_on_a_close_below_the_low_before():
    one = entered(exit="previous_bar")
    bars = [
        bar("10:02", 102.0, 103.0, 101.0, 102.5),
        bar("10:03", 102.0, 102.5, 101.0, 101.0),  # touches it, no more
        bar("10:04", 101.0, 101.5, 100.5, 100.9),
    ]
    raised = one.feed(bars)
    assert said(raised) == [("EXIT", "exit_rule", "10:05:00", 100.9)]
    assert [(each.text, each.left, each.right, each.ok) for each in raised[0].conditions] == [
        ("close < low[1]", 100.9, 101.0, True)
    ]


def test_a_short_leaves_on_a_close_above_the_high_before():
    one = alone(exit="previous_bar")
    touching, leaving = bar("10:02", 99.0, 99.5, 98.5, 99.0), bar("10:03", 99.0, 99.6, 99.0, 99.55)
    raised = one.feed([*bars_at([100.0, 99.0], "10:00"), touching, leaving])
    assert said(raised)[1:] == [("EXIT", "exit_rule", "10:04:00", 99.55)]
    assert [(each.text, each.left, each.right, each.ok) for each in raised[1].conditions] == [
        ("close > high[1]", 99.55, 99.5, True)
    ]


def test_without_an_exit_rule_a_falling_close_changes_nothing():
    assert entered(exit="none").feed(bars_at([90.0, 80.0, 70.0], "10:02")) == []


def test_a_level_reached_within_the_bar_comes_before_the_exit_rule_on_its_close():
    one = entered(exit="previous_bar", stop="1")
    assert said(one.feed([bar("10:02", 101.0, 101.0, 99.0, 99.0)])) == [("EXIT", "stop", "10:03:00", 100.0)]


def test_the_markets_end_ends_every_signal_at_the_last_close():
    one = entered()
    one.feed(bars_at([102.0], "15:29"))
    transition = one.runner.on_market_end(at("15:30"))
    assert said([transition]) == [("EXIT", "market_end", "15:30:00", 102.0)]
    assert (transition.conditions, transition.bar_start_ms) == ((), at("15:29"))
    assert one.runner.on_market_end(at("15:30")) is None


def test_the_markets_end_is_nothing_to_a_strategy_that_is_not_in_a_signal():
    assert alone().runner.on_market_end(at("15:30")) is None


# --- after a signal ------------------------------------------------------------------------------------------------


def test_nothing_enters_again_before_the_cooldown_is_over():
    one = entered(stop="1", cooldown_bars=2)
    closes = [99.0, 101.0, 99.0, 101.0, 99.0]  # the stop, two bars of cooldown, then two edges
    assert said(one.feed(bars_at(closes, "10:02"))) == [
        ("EXIT", "stop", "10:03:00", 99.0),
        ("ENTRY", "LONG", "10:06:00", 101.0),
        ("EXIT", "stop", "10:07:00", 99.0),
    ]


def test_without_a_cooldown_the_next_bar_may_enter_but_not_the_one_that_left():
    one = entered(stop="1", cooldown_bars=0)
    assert said(one.feed(bars_at([99.0, 101.0], "10:02"))) == [
        ("EXIT", "stop", "10:03:00", 99.0),
        ("ENTRY", "LONG", "10:04:00", 101.0),
    ]


def test_a_signal_left_on_a_tick_does_not_enter_again_on_that_bar():
    one = entered(target="2", cooldown_bars=0, trigger="level")
    assert one.runner.on_tick(at("10:02:07"), 103.0) is not None
    assert one.feed([bar("10:02", 103.0)]) == []
    assert said(one.feed([bar("10:03", 103.0)])) == [("ENTRY", "LONG", "10:04:00", 103.0)]


def test_a_cooldown_ends_with_the_session():
    one = entered(stop="1", cooldown_bars=100)
    one.feed([bar("10:02", 99.0)])
    assert one.runner.machine.state is State.COOLDOWN
    assert said(one.feed([bar("09:15", 101.0, day=NEXT_DAY)])) == [("ENTRY", "LONG", "09:16:00", 101.0)]


def test_a_signal_left_open_by_an_earlier_day_neither_ends_nor_hinders_on_the_next():
    one = entered(target="2", stop="1")
    assert one.runner.on_tick(at("09:15:03", NEXT_DAY), 90.0) is None
    assert one.feed([bar("09:15", 90.0, day=NEXT_DAY)])[0].type is SignalType.ENTRY
    assert (one.runner.floor, one.runner.ceiling) == (88.0, 91.0)


# --- other timeframes ----------------------------------------------------------------------------------------------


def test_on_a_longer_timeframe_ticks_and_minutes_belong_to_the_bar_they_lie_in():
    one = alone(timeframe="15m", target="2", stop="1")
    (entry,) = one.feed(bars_at([100.0] * 15 + [101.0] * 15, "10:00"))
    assert (entry.time_ms, entry.timeframe) == (at("10:30"), "15m")
    assert one.runner.on_trades(bar("10:29", 200.0)) is None  # before the entry
    left = one.runner.on_tick(at("10:37:10"), 103.0)
    assert (left.time_ms, left.bar_start_ms) == (at("10:37:10"), at("10:30"))


# --- after a restart -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_restored_machine_says_nothing_twice_and_misses_nothing(cut: int):
    """The process ends after any bar; the next one has the last committed machine and the bars of the day."""
    bars = bars_at([100.0, 101.0, 103.5, 99.0, 98.0, 101.0, 95.0, 100.0, 101.0, 102.0, 99.5, 98.0], "10:00")
    changes: dict[str, Any] = {"target": "2", "stop": "1", "cooldown_bars": 1}
    unbroken = alone(**changes).feed(bars)
    first = alone(**changes)
    said_before, committed = [], Machine()
    for each in bars[:cut]:
        raised = first.feed([each])
        said_before += raised
        committed = first.runner.machine if raised else committed
    second = Alone(plan(**changes), machine=Machine.from_json(committed.to_json()))
    second.runner.late = True
    said_after = second.feed(bars[:cut])
    second.runner.late = False
    said_after += second.feed(bars[cut:])
    assert [each.id for each in said_before + said_after] == [each.id for each in unbroken]
    assert len(unbroken) >= 4


def test_a_restored_machine_watches_its_levels_at_once():
    before = entered(target="2", stop="1")
    after = Alone(plan(target="2", stop="1"), machine=before.runner.machine)
    assert (after.runner.floor, after.runner.ceiling) == (100.0, 103.0)
    assert after.runner.in_signal


# --- the shipped strategy on a real day ----------------------------------------------------------------------------

SOME = ["NSE:ACC", "NSE:PAGEIND", "NSE:RELIANCE", "NSE:SBIN", "NSE:YESBANK"]


def shipped(symbol: str, **changes: Any) -> Alone:
    return Alone(plan_from(ema_vwap(**changes)), symbol=symbol)


@pytest.mark.parametrize("timeframe", ["1m", "5m"])
def test_the_same_bars_give_the_same_transitions(timeframe: str):
    runs = [
        [each for symbol in SOME for each in shipped(symbol, timeframe=timeframe).feed(real_bars()[symbol])]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert len({each.id for each in runs[0]}) == len(runs[0]) > 5


def test_every_entry_of_a_real_day_has_its_exit():
    for symbol in SOME:
        one, bars = shipped(symbol), real_bars()[symbol]
        raised = one.feed(bars)
        at_the_end = one.runner.on_market_end(at("15:30", bars[0].session))
        raised += [at_the_end] if at_the_end else []
        entries = [each.id for each in raised if each.type is SignalType.ENTRY]
        assert [each.state_id for each in raised if each.type is SignalType.EXIT] == entries


class InLetters(Threshold):
    """A user's own strategy that answers in letters."""

    def side(self, bar: Bar) -> Side | None:
        return None if bar.close == 100 else "LONG" if bar.close > 100 else "SHORT"  # type: ignore[return-value]


def test_a_strategy_may_name_the_side_in_letters():
    one = alone(InLetters, stop="1")
    (entry,) = one.feed(bars_at([100.0, 101.0], "10:00"))
    assert (entry.direction, entry.stop, one.runner.machine.to_json()["side"]) == (Side.LONG, 100.0, "LONG")


def test_a_strategy_that_names_no_side_at_all_is_told_so():
    class Wrong(Threshold):
        def side(self, bar: Bar) -> Side | None:
            del bar
            return "UP"  # type: ignore[return-value]

    with pytest.raises(ValueError, match="'UP' is not a valid Side"):
        alone(Wrong).feed(bars_at([100.0], "10:00"))
