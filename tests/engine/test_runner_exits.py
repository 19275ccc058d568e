"""How a signal of one strategy on one symbol ends, and what comes after it."""

from typing import Any

import pytest

from signals.machine import Machine, State
from signals.signal import Side, SignalType, fingerprint
from tests.engine.alone import Alone, alone, entered
from tests.factories import (
    NEXT_DAY,
    at,
    bar,
    bars_at,
    plan,
    said,
)

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
