"""One strategy on one symbol: which bars raise what. `Threshold` is long above 100 and short below."""

from datetime import date
from typing import Any

import pytest

from market.bar import Bar
from signals.machine import Machine, State
from signals.signal import Reason, Side, SignalType, Transition, fingerprint
from strategies.ema_vwap import EmaVwap
from strategies.runner import Runner
from tests.factories import NEXT_DAY, Threshold, ThresholdOnVolume, at, bar, bars_at, real_bars, runner, said


def feed(one: Runner, bars: list[Bar] | tuple[Bar, ...]) -> list[Transition]:
    """Bars as a symbol actor hands them over: what was traded first, then the close."""
    raised = []
    for each in bars:
        if not one.floor < each.low <= each.high < one.ceiling:
            raised.append(one.on_trades(each))
        raised.append(one.on_bar(each))
    return [transition for transition in raised if transition is not None]


def entered(**changes: Any) -> Runner:
    """A runner that went long at 101 on the bar 10:01."""
    one = runner(**changes)
    (entry,) = feed(one, [bar("10:00", 100.0), bar("10:01", 101.0)])
    assert entry.type is SignalType.ENTRY
    return one


# --- entry ---------------------------------------------------------------------------------------------------------


def test_enters_where_the_conditions_begin_to_hold():
    one = runner()
    closes = [100.0, 101.0, 102.0, 99.0, 98.0]
    assert said(feed(one, bars_at(closes, "10:00"))) == [("ENTRY", "LONG", "10:02:00", 101.0)]
    assert one.in_signal


def test_enters_on_the_other_side_too():
    assert said(feed(runner(), bars_at([100.0, 99.0], "10:00"))) == [("ENTRY", "SHORT", "10:02:00", 99.0)]


def test_enters_when_the_sides_change_without_a_pause():
    assert said(feed(runner(), bars_at([101.0, 99.0], "10:00"))) == [("ENTRY", "SHORT", "10:02:00", 99.0)]


def test_by_the_edge_the_first_ready_bar_raises_nothing():
    one = runner(Threshold(warm_after=3))
    assert feed(one, bars_at([100.0, 101.0, 101.0, 101.0, 102.0], "10:00")) == []


def test_by_the_edge_the_bar_after_the_first_ready_one_may_raise():
    one = runner(Threshold(warm_after=2))
    assert said(feed(one, bars_at([101.0, 100.0, 101.0], "10:00"))) == [("ENTRY", "LONG", "10:03:00", 101.0)]


def test_by_the_level_the_first_ready_bar_raises_and_not_one_before():
    one = runner(Threshold(warm_after=3), edge=False)
    assert said(feed(one, bars_at([101.0] * 4, "10:00"))) == [("ENTRY", "LONG", "10:03:00", 101.0)]


def test_the_edge_is_seen_across_bars_that_were_only_for_warming():
    one = runner()
    one.warm(bar("15:29", 101.0))
    assert feed(one, [bar("09:15", 101.0, day=NEXT_DAY)]) == []
    other = runner()
    other.warm(bar("15:29", 100.0))
    assert len(feed(other, [bar("09:15", 101.0, day=NEXT_DAY)])) == 1


def test_only_wanted_directions_are_entered():
    one = runner(directions=frozenset({Side.SHORT}))
    assert feed(one, bars_at([100.0, 101.0], "10:00")) == []
    assert said(feed(one, bars_at([99.0], "10:02"))) == [("ENTRY", "SHORT", "10:03:00", 99.0)]
    assert list(one.conditions()) == ["SHORT"]


@pytest.mark.parametrize(
    ("clock", "minutes", "allowed"),
    [("15:19", 10, True), ("15:20", 10, False), ("15:29", 10, False), ("15:28", 1, True), ("15:29", 1, False)],
)
def test_no_entry_on_a_bar_that_ends_in_the_last_minutes(clock: str, minutes: int, *, allowed: bool):
    one = runner(no_entry_last_minutes=minutes)
    feed(one, [bar("15:00", 100.0)])
    assert bool(feed(one, [bar(clock, 101.0)])) is allowed


def test_the_last_minutes_count_from_the_symbols_own_close():
    one = runner(symbol="NSE:TCS", no_entry_last_minutes=0)
    feed(one, [bar("15:00", 100.0)])
    assert len(feed(one, [bar("15:29", 101.0)])) == 1


def test_no_entry_in_a_session_whose_hours_are_not_confirmed():
    drill = date(2024, 5, 18)
    bars = [bar("09:15", 100.0, day=drill), bar("09:16", 101.0, day=drill)]
    assert len(feed(runner(), bars)) == 1
    one = runner()
    bars = [bar("11:50", 100.0, day=drill), bar("11:51", 101.0, day=drill), bar("11:52", 99.0, day=drill)]
    assert feed(one, bars) == []
    assert one.last_bar is bars[-1]


def test_a_strategy_on_volume_is_silent_on_a_partial_bar_and_takes_no_edge_from_it():
    bars = [bar("10:00", 100.0), bar("10:01", 101.0, partial=True), bar("10:02", 101.0), bar("10:03", 101.0)]
    assert feed(runner(ThresholdOnVolume()), bars) == []
    assert said(feed(runner(ThresholdOnVolume(), edge=False), bars)) == [("ENTRY", "LONG", "10:03:00", 101.0)]


def test_a_strategy_without_volume_fires_on_a_partial_bar_and_says_so():
    (entry,) = feed(runner(), [bar("10:00", 100.0), bar("10:01", 101.0, partial=True)])
    assert entry.quality.partial
    assert entry.quality.warm


def test_an_entry_tells_everything_about_itself():
    one = runner(target="1 %", stop="0.5 %", version="7")
    late = bar("10:01", 100.5, 101.5, 100.0, 101.0)
    late.last_ms = at("10:01:48")
    one.warm_session = False
    (entry,) = feed(one, [bar("10:00", 100.0), late])
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
    one = runner()
    one.late = True
    (entry,) = feed(one, bars_at([100.0, 101.0], "10:00"))
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
    machine = entered(target=target, stop=stop).machine
    assert (machine.target, machine.stop) == expected


def test_levels_of_a_short_are_mirrored():
    one = runner(target="1 %", stop="2")
    feed(one, bars_at([100.0, 99.0], "10:00"))
    assert (one.machine.target, one.machine.stop) == (98.0, 101.0)


def test_levels_in_atr_wait_for_the_atr_and_are_measured_with_it():
    one = runner(target="2 atr", stop="1 atr", edge=False)
    bars = [bar(f"10:{minute:02}", 101.0, 102.0, 100.0, 101.0) for minute in range(14)]
    assert feed(one, bars[:13]) == []
    (entry,) = feed(one, bars[13:])
    assert dict(entry.indicators) == {"seen": 14.0, "atr14": 2.0}
    assert (entry.target, entry.stop) == (105.0, 99.0)


def test_the_atr_of_a_stock_that_does_not_move_still_leaves_a_tick():
    one = runner(target="2 atr", stop="1 atr", edge=False)
    (entry,) = feed(one, bars_at([101.0] * 14, "10:00"))
    assert (entry.target, entry.stop) == (101.05, 100.95)


def test_levels_keep_to_the_grid_of_the_instrument():
    one = runner(tick_size=0.5, target="0.7", stop="0.7")
    feed(one, bars_at([100.0, 101.0], "10:00"))
    assert (one.machine.target, one.machine.stop) == (101.5, 100.5)


# --- exit ----------------------------------------------------------------------------------------------------------


def test_a_tick_at_the_target_ends_the_signal_at_its_own_time():
    one = entered(target="2", stop="1")
    assert (one.floor, one.ceiling) == (100.0, 103.0)
    transition = one.on_tick(at("10:02:07"), 103.0)
    assert said([transition]) == [("EXIT", "target", "10:02:07", 103.0)]
    assert transition.bar_start_ms == at("10:02")
    assert transition.state_id == fingerprint("threshold", "1", "NSE:TCS", Side.LONG, SignalType.ENTRY, at("10:01"))
    assert [(each.text, each.ok) for each in transition.conditions] == [("price >= target", True)]
    assert (transition.quality.partial, transition.quality.late, transition.quality.age_ms) == (False, False, 0)
    assert one.on_tick(at("10:02:08"), 104.0) is None
    assert not one.floor > float("-inf")


def test_a_tick_beyond_the_stop_ends_the_signal_at_the_price_there_was():
    transition = entered(target="2", stop="1").on_tick(at("10:02:07"), 99.0)
    assert said([transition]) == [("EXIT", "stop", "10:02:07", 99.0)]
    assert [(each.text, each.left, each.right, each.ok) for each in transition.conditions] == [
        ("price <= stop", 99.0, 100.0, True)
    ]


def test_the_first_trade_after_the_bar_that_entered_may_end_the_signal():
    assert said([entered(target="2").on_tick(at("10:02:00"), 103.0)]) == [("EXIT", "target", "10:02:00", 103.0)]


def test_a_trade_from_before_the_entry_ends_nothing():
    one = entered(target="2", stop="1")
    assert one.on_tick(at("10:01:59"), 103.0) is None
    assert one.on_trades(bar("10:01", 100.0, 200.0, 50.0, 100.0)) is None
    assert one.in_signal


def test_when_only_bars_are_known_high_and_low_count_and_the_stop_comes_first():
    assert said(feed(entered(target="2", stop="1"), [bar("10:02", 101.0, 103.5, 100.5, 102.0)])) == [
        ("EXIT", "target", "10:03:00", 103.0)
    ]
    assert said(feed(entered(target="2", stop="1"), [bar("10:02", 101.0, 104.0, 99.5, 104.0)])) == [
        ("EXIT", "stop", "10:03:00", 100.0)
    ]


def test_a_gap_over_the_stop_is_told_at_the_price_of_the_gap():
    assert said(feed(entered(stop="1"), [bar("10:02", 98.0)])) == [("EXIT", "stop", "10:03:00", 98.0)]


def test_leaves_on_a_close_below_the_low_before():
    one = entered(exit="previous_bar")
    bars = [
        bar("10:02", 102.0, 103.0, 101.0, 102.5),
        bar("10:03", 102.0, 102.5, 101.0, 101.0),  # touches it, no more
        bar("10:04", 101.0, 101.5, 100.5, 100.9),
    ]
    raised = feed(one, bars)
    assert said(raised) == [("EXIT", "exit_rule", "10:05:00", 100.9)]
    assert [(each.text, each.left, each.right, each.ok) for each in raised[0].conditions] == [
        ("close < low[1]", 100.9, 101.0, True)
    ]


def test_a_short_leaves_on_a_close_above_the_high_before():
    one = runner(exit="previous_bar")
    touching, leaving = bar("10:02", 99.0, 99.5, 98.5, 99.0), bar("10:03", 99.0, 99.6, 99.0, 99.55)
    raised = feed(one, [*bars_at([100.0, 99.0], "10:00"), touching, leaving])
    assert said(raised)[1:] == [("EXIT", "exit_rule", "10:04:00", 99.55)]
    assert [(each.text, each.left, each.right, each.ok) for each in raised[1].conditions] == [
        ("close > high[1]", 99.55, 99.5, True)
    ]


def test_without_an_exit_rule_a_falling_close_changes_nothing():
    assert feed(entered(exit="none"), bars_at([90.0, 80.0, 70.0], "10:02")) == []


def test_a_level_reached_within_the_bar_comes_before_the_exit_rule_on_its_close():
    one = entered(exit="previous_bar", stop="1")
    assert said(feed(one, [bar("10:02", 101.0, 101.0, 99.0, 99.0)])) == [("EXIT", "stop", "10:03:00", 100.0)]


def test_the_markets_end_ends_every_signal_at_the_last_close():
    one = entered()
    feed(one, bars_at([102.0], "15:29"))
    transition = one.on_market_end(at("15:30"))
    assert said([transition]) == [("EXIT", "market_end", "15:30:00", 102.0)]
    assert (transition.conditions, transition.bar_start_ms) == ((), at("15:29"))
    assert one.on_market_end(at("15:30")) is None


def test_the_markets_end_is_nothing_to_a_strategy_that_is_not_in_a_signal():
    assert runner().on_market_end(at("15:30")) is None


# --- after a signal ------------------------------------------------------------------------------------------------


def test_nothing_enters_again_before_the_cooldown_is_over():
    one = entered(stop="1", cooldown_bars=2)
    closes = [99.0, 101.0, 99.0, 101.0, 99.0]  # the stop, two bars of cooldown, then two edges
    assert said(feed(one, bars_at(closes, "10:02"))) == [
        ("EXIT", "stop", "10:03:00", 99.0),
        ("ENTRY", "LONG", "10:06:00", 101.0),
        ("EXIT", "stop", "10:07:00", 99.0),
    ]


def test_without_a_cooldown_the_next_bar_may_enter_but_not_the_one_that_left():
    one = entered(stop="1", cooldown_bars=0)
    assert said(feed(one, bars_at([99.0, 101.0], "10:02"))) == [
        ("EXIT", "stop", "10:03:00", 99.0),
        ("ENTRY", "LONG", "10:04:00", 101.0),
    ]


def test_a_signal_left_on_a_tick_does_not_enter_again_on_that_bar():
    one = entered(target="2", cooldown_bars=0, edge=False)
    assert one.on_tick(at("10:02:07"), 103.0) is not None
    assert feed(one, [bar("10:02", 103.0)]) == []
    assert said(feed(one, [bar("10:03", 103.0)])) == [("ENTRY", "LONG", "10:04:00", 103.0)]


def test_a_cooldown_ends_with_the_session():
    one = entered(stop="1", cooldown_bars=100)
    feed(one, [bar("10:02", 99.0)])
    assert one.machine.state is State.COOLDOWN
    assert said(feed(one, [bar("09:15", 101.0, day=NEXT_DAY)])) == [("ENTRY", "LONG", "09:16:00", 101.0)]


def test_a_signal_left_open_by_an_earlier_day_neither_ends_nor_hinders_on_the_next():
    one = entered(target="2", stop="1")
    assert one.on_tick(at("09:15:03", NEXT_DAY), 90.0) is None
    assert feed(one, [bar("09:15", 90.0, day=NEXT_DAY)])[0].type is SignalType.ENTRY
    assert (one.floor, one.ceiling) == (88.0, 91.0)


# --- other timeframes ----------------------------------------------------------------------------------------------


def test_on_a_longer_timeframe_ticks_and_minutes_belong_to_the_bar_they_lie_in():
    one = runner(minutes=15, target="2", stop="1")
    feed(one, [bar("10:00", 100.0, minutes=15)])
    (entry,) = feed(one, [bar("10:15", 101.0, minutes=15)])
    assert (entry.time_ms, entry.timeframe) == (at("10:30"), "15m")
    assert one.on_trades(bar("10:29", 200.0)) is None  # before the entry
    left = one.on_tick(at("10:37:10"), 103.0)
    assert (left.time_ms, left.bar_start_ms) == (at("10:37:10"), at("10:30"))


# --- after a restart -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_restored_machine_says_nothing_twice_and_misses_nothing(cut: int):
    """The process ends after any bar; the next one has the last committed machine and the bars of the day."""
    bars = bars_at([100.0, 101.0, 103.5, 99.0, 98.0, 101.0, 95.0, 100.0, 101.0, 102.0, 99.5, 98.0], "10:00")
    changes: dict[str, Any] = {"target": "2", "stop": "1", "cooldown_bars": 1}
    unbroken = feed(runner(**changes), bars)
    first = runner(**changes)
    said_before, committed = [], Machine()
    for each in bars[:cut]:
        raised = feed(first, [each])
        said_before += raised
        committed = first.machine if raised else committed
    second = runner(machine=Machine.from_json(committed.to_json()), **changes)
    second.late = True
    said_after = feed(second, bars[:cut])
    second.late = False
    said_after += feed(second, bars[cut:])
    assert [each.id for each in said_before + said_after] == [each.id for each in unbroken]
    assert len(unbroken) >= 4


def test_a_restored_machine_watches_its_levels_at_once():
    before = entered(target="2", stop="1")
    after = runner(machine=before.machine, target="2", stop="1")
    assert (after.floor, after.ceiling) == (100.0, 103.0)
    assert after.in_signal


# --- the shipped strategy on a real day ----------------------------------------------------------------------------

SOME = ["NSE:ACC", "NSE:PAGEIND", "NSE:RELIANCE", "NSE:SBIN", "NSE:YESBANK"]


def shipped(symbol: str, **changes: Any) -> Runner:
    return runner(EmaVwap(), symbol=symbol, name="ema_vwap", target="1 %", stop="0.5 %", exit="previous_bar", **changes)


def test_conditions_agree_with_the_side_on_every_bar_in_both_directions():
    seen = dict.fromkeys([*Side, None], 0)
    for symbol, bars in list(real_bars().items())[::4]:
        one = shipped(symbol)
        strategy = one.strategy
        for each in bars:
            one.warm(each)
            if not one.ready:
                assert one.conditions() == {}
                continue
            side = strategy.side(each)
            seen[side] += 1
            for asked in Side:
                conditions = strategy.conditions(each, asked)
                assert all(condition.ok for condition in conditions) is (side is asked)
                assert [condition.left for condition in conditions] == [each.close] * 4
                assert [condition.right for condition in conditions] == [line.value for line in strategy.indicators]
            assert one.conditions() == {asked: strategy.conditions(each, asked) for asked in Side}
    assert min(seen.values()) > 500


@pytest.mark.parametrize("minutes", [1, 5])
def test_the_same_bars_give_the_same_transitions(minutes: int):
    runs = [
        [each for symbol in SOME for each in feed(shipped(symbol, minutes=minutes), real_bars()[symbol])]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert len({each.id for each in runs[0]}) == len(runs[0]) > 10


def test_every_entry_of_a_real_day_has_its_exit():
    for symbol in SOME:
        one, bars = shipped(symbol), real_bars()[symbol]
        raised = feed(one, bars)
        at_the_end = one.on_market_end(at("15:30", bars[0].session))
        raised += [at_the_end] if at_the_end else []
        entries = [each.id for each in raised if each.type is SignalType.ENTRY]
        assert [each.state_id for each in raised if each.type is SignalType.EXIT] == entries


def test_conditions_on_the_line_itself_are_on_neither_side():
    strategy = EmaVwap((2,))
    for each in bars_at([100.0, 100.0]):
        for line in strategy.indicators:
            line.update(each)
    assert strategy.side(bar("09:17", 100.0)) is None
    assert not any(condition.ok for side in Side for condition in strategy.conditions(bar("09:17", 100.0), side))


class InLetters(Threshold):
    """A user's own strategy that answers in letters."""

    def side(self, bar: Bar) -> Side | None:
        return None if bar.close == 100 else "LONG" if bar.close > 100 else "SHORT"  # type: ignore[return-value]


def test_a_strategy_may_name_the_side_in_letters():
    one = runner(InLetters(), stop="1")
    (entry,) = feed(one, bars_at([100.0, 101.0], "10:00"))
    assert (entry.direction, entry.stop, one.machine.to_json()["side"]) == (Side.LONG, 100.0, "LONG")


def test_a_strategy_that_names_no_side_at_all_is_told_so():
    class Wrong(Threshold):
        def side(self, bar: Bar) -> Side | None:
            del bar
            return "UP"  # type: ignore[return-value]

    with pytest.raises(ValueError, match="'UP' is not a valid Side"):
        feed(runner(Wrong()), bars_at([100.0], "10:00"))
