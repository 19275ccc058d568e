"""One strategy on one symbol: which bars raise what. `Threshold` is long above 100 and short below."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from market.bar import Bar
from signals.signal import Reason, Side, SignalType, fingerprint
from tests.engine.alone import Alone, alone, entered
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
)

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


# --- other timeframes ----------------------------------------------------------------------------------------------


def test_on_a_longer_timeframe_ticks_and_minutes_belong_to_the_bar_they_lie_in():
    one = alone(timeframe="15m", target="2", stop="1")
    (entry,) = one.feed(bars_at([100.0] * 15 + [101.0] * 15, "10:00"))
    assert (entry.time_ms, entry.timeframe) == (at("10:30"), "15m")
    assert one.runner.on_trades(bar("10:29", 200.0)) is None  # before the entry
    left = one.runner.on_tick(at("10:37:10"), 103.0)
    assert (left.time_ms, left.bar_start_ms) == (at("10:37:10"), at("10:30"))


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
