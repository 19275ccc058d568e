"""A symbol actor as a plain object: ticks and minutes in, bars, transitions and views out."""

from functools import partial

import pytest

from actors.messages import FeedInterrupted, Inspect, Raised, SymbolFailed
from market.bar import Bar
from signals.machine import Machine, State
from signals.signal import Side
from tests.actors.conftest import long_at_101
from tests.factories import (
    NEXT_DAY,
    Desk,
    Threshold,
    at,
    bar,
    ema_vwap,
    minute_ended,
    plan,
    plan_from,
    said,
)


class Fails(Threshold):
    """Raises on a close of 113."""

    def side(self, bar: Bar) -> Side | None:
        if bar.close == 113:
            raise ZeroDivisionError("thirteen")
        return super().side(bar)


# --- from ticks to alerts ------------------------------------------------------------------------------------------


def test_alerts_once_when_a_quiet_symbol_closes_above_its_lines():
    desk = Desk(plan_from(ema_vwap(2, 3, 3)))
    for minute, price in enumerate([100.0, 99.0, 98.0, 97.0]):
        desk.minute(f"09:{15 + minute}", price)
    desk.tick("09:25:20", 104.0, 900)  # after some minutes without a trade
    desk.end("09:24")
    assert desk.alerts == []
    desk.end("09:25", "09:26", "09:27")
    assert said(desk.transitions) == [("ENTRY", "LONG", "09:26:00", 104.0)]


def test_the_alert_carries_the_machine_for_the_store(desk: Desk):
    long_at_101(desk)
    (raised,) = desk.alerts
    assert isinstance(raised, Raised)
    assert (raised.machine.symbol, raised.machine.strategy, raised.machine.version) == ("NSE:TCS", "threshold", "1")
    restored = Machine.from_json(raised.machine.state)
    assert restored.state is State.IN_SIGNAL
    assert restored == desk.actor.runners[0].machine


def test_a_tick_that_reaches_the_target_raises_the_exit_before_the_minute_ends(desk: Desk):
    long_at_101(desk)
    desk.tick("10:02:04", 102.95, 300)
    assert len(desk.alerts) == 1
    desk.tick("10:02:05", 103.0, 310)
    assert said(desk.transitions)[1:] == [("EXIT", "target", "10:02:05", 103.0)]
    desk.tick("10:02:06", 99.0, 320)
    desk.end("10:02", "10:03")
    assert len(desk.alerts) == 2


def test_a_tick_that_reaches_the_stop_raises_the_exit_at_once(desk: Desk):
    long_at_101(desk)
    desk.tick("10:02:05", 99.5, 310)
    assert said(desk.transitions)[1:] == [("EXIT", "stop", "10:02:05", 99.5)]


def test_a_level_already_reached_in_the_open_minute_is_found_at_its_end(desk: Desk):
    """The trade came within the grace time of the minute that entered, so nothing was watched yet."""
    desk.minute("10:00", 100.0)
    desk.tick("10:01:30", 101.0, 200)
    desk.tick("10:02:00", 103.0, 300)
    desk.end("10:01")
    desk.tick("10:02:30", 102.0, 310)
    assert len(desk.alerts) == 1
    desk.end("10:02")
    assert said(desk.transitions)[1:] == [("EXIT", "target", "10:03:00", 103.0)]


def test_several_strategies_each_have_their_own_signal():
    desk = Desk(plan(stop="1"), plan(name="other", stop="3"))
    long_at_101(desk)
    desk.tick("10:02:05", 99.0, 300)
    desk.tick("10:02:06", 97.0, 310)
    assert [(each.strategy, each.type.value, each.price) for each in desk.transitions] == [
        ("threshold", "ENTRY", 101.0),
        ("other", "ENTRY", 101.0),
        ("threshold", "EXIT", 99.0),
        ("other", "EXIT", 97.0),
    ]


def test_counts_its_transitions_by_kind(desk: Desk):
    long_at_101(desk)
    desk.tick("10:02:05", 99.0, 310)
    assert desk.outlets.signals == {"ENTRY LONG": 1, "EXIT stop": 1}


def test_a_longer_timeframe_is_closed_by_the_clock_also_after_a_quiet_last_minute():
    desk = Desk(plan(timeframe="5m"))
    desk.minute("10:00", 100.0)
    desk.end("10:01", "10:02", "10:03", "10:04")
    desk.minute("10:06", 101.0)
    desk.end("10:07", "10:08")
    assert desk.alerts == []
    desk.end("10:09")
    assert said(desk.transitions) == [("ENTRY", "LONG", "10:10:00", 101.0)]


def test_minutes_that_end_together_are_taken_one_after_the_other():
    desk = Desk(plan(timeframe="5m"), plan())
    for clock, price in (("10:00:10", 100.0), ("10:04:10", 101.0), ("10:05:10", 102.0), ("10:11:10", 103.0)):
        desk.tick(clock, price, 10)
    desk.end("10:20")
    assert said(desk.transitions) == [("ENTRY", "LONG", "10:05:00", 101.0)]  # on 1m; 5m: first ready at 10:05, no edge
    assert desk.actor.runners[0].last_bar == bar("10:10", 103.0, volume=0, minutes=5)


# --- how far its data can be trusted -------------------------------------------------------------------------------


def test_a_session_seen_from_its_open_is_warm(desk: Desk):
    desk.actor.on_tick(0, 100.0, 0)
    long_at_101(desk)
    assert desk.transitions[0].quality.warm


def test_a_session_entered_late_is_not_warm_until_the_next_one(desk: Desk):
    long_at_101(desk)  # its first bar lacks what was before
    assert not desk.transitions[0].quality.warm
    desk.minute("09:15", 100.0, day=NEXT_DAY)
    desk.minute("09:16", 101.0, day=NEXT_DAY)
    assert desk.transitions[-1].quality.warm


def test_a_hole_ends_the_trust_in_the_session(desk: Desk):
    desk.actor.on_tick(0, 100.0, 0)
    desk.minute("10:00", 100.0)
    desk.actor.on_receive(FeedInterrupted())
    desk.minute("10:01", 100.0)
    desk.minute("10:02", 101.0)
    assert not desk.transitions[0].quality.warm
    assert not desk.transitions[0].quality.partial


# --- what it keeps and shows ---------------------------------------------------------------------------------------


def test_closed_bars_are_left_for_the_store(desk: Desk):
    desk.minute("10:00", 100.0, 101.0)
    ((symbol, closed),) = desk.outlets.bars
    assert symbol == "NSE:TCS"
    assert (closed.start_ms, closed.open, closed.close) == (at("10:00"), 100.0, 101.0)


def test_a_finished_bar_of_a_replay_closes_by_the_clock(desk: Desk):
    desk.actor.on_bar(at("10:00"), 100.0, 102.0, 99.0, 101.0, 500, partial=False)
    assert desk.outlets.bars == []
    desk.end("10:00")
    assert desk.outlets.bars == [("NSE:TCS", bar("10:00", 100.0, 102.0, 99.0, 101.0, 500))]
    assert desk.actor.last_trade_ms == at("10:01")


def test_shows_everything_about_itself():
    desk = Desk(
        plan(target="2", stop="1"), plan(partial(Threshold, warm_after=99), name="cold", timeframe="5m", version="3")
    )
    desk.actor.on_tick(0, 99.0, 0)
    long_at_101(desk)
    desk.tick("10:02:30", 101.5, 700)
    view = desk.actor.on_receive(Inspect())
    assert (view.symbol, view.last_price, view.last_trade_ms, view.day_volume) == (
        "NSE:TCS",
        101.5,
        at("10:02:30"),
        700,
    )
    assert view.market_ms == at("10:02:30")
    (growing,) = view.open_bars
    assert (growing.start_ms, growing.close, growing.volume, growing.partial) == (at("10:02"), 101.5, 500, False)
    assert [(each.start_ms, each.close, each.volume) for each in view.bars] == [
        (at("10:00"), 100.0, 100),
        (at("10:01"), 101.0, 100),
    ]
    running, cold = view.strategies
    assert (running.name, running.timeframe, running.state, running.direction) == (
        "threshold", "1m", "IN_SIGNAL", "LONG",
    )  # fmt: skip
    assert (running.entry_price, running.target, running.stop, running.cooldown_left) == (101.0, 103.0, 100.0, 0)
    assert running.state_id == desk.transitions[0].id
    assert [(each.name, each.value, each.ready) for each in running.indicators] == [("seen", 2.0, True)]
    assert {side: [each.ok for each in conditions] for side, conditions in running.conditions.items()} == {
        "LONG": [True],
        "SHORT": [False],
    }
    assert (cold.version, cold.timeframe, cold.state, cold.state_id, cold.conditions) == ("3", "5m", "IDLE", None, {})
    assert view.counts == {"not_traded": 1}
    assert view.recent == tuple(desk.transitions)


def test_shows_the_last_ten_bars_and_the_last_five_transitions(desk: Desk):
    for minute in range(40):
        desk.minute(f"10:{minute:02}", 101.0 if minute % 2 else 99.0)
    view = desk.actor.on_receive(Inspect())
    assert [each.start_ms for each in view.bars] == [at(f"10:{minute}") for minute in range(30, 40)]
    assert view.recent == tuple(desk.transitions[-5:])
    assert len(desk.transitions) > 5


def test_shows_the_cooldown_that_is_left(desk: Desk):
    long_at_101(desk)
    desk.tick("10:02:05", 90.0, 300)
    (strategy,) = desk.actor.on_receive(Inspect()).strategies
    assert (strategy.state, strategy.cooldown_left) == ("COOLDOWN", 2)


def test_before_the_first_tick_there_is_little_to_show(desk: Desk):
    view = desk.actor.on_receive(Inspect())
    assert (view.last_price, view.last_trade_ms, view.day_volume, view.market_ms) == (None, 0, 0, 0)
    assert (view.open_bars, view.bars, view.recent, view.counts) == ((), (), (), {})


def test_after_a_quiet_minute_the_last_close_is_shown_and_not_an_old_snapshot(desk: Desk):
    desk.actor.on_tick(0, 95.0, 0)
    desk.minute("10:00", 100.0)
    view = desk.actor.on_receive(Inspect())
    assert (view.last_price, view.last_trade_ms) == (100.0, at("10:00"))
    assert view.market_ms == at("10:01:01.500")


# --- when its own code raises --------------------------------------------------------------------------------------


def test_a_failure_ends_it_and_tells_health():
    desk = Desk(plan(Fails))
    desk.tick("10:00:10", 113.0, 10)
    desk.actor.actor_ref.tell(minute_ended("10:00"))
    assert not desk.actor.actor_ref.is_alive()
    (told,) = desk.health
    assert told == SymbolFailed("NSE:TCS", "ZeroDivisionError('thirteen')")


def test_after_a_failure_it_takes_ticks_and_minutes_without_a_word():
    desk = Desk(plan(Fails, stop="1"))
    long_at_101(desk)
    with pytest.raises(ZeroDivisionError):
        desk.minute("10:02", 113.0)
    desk.actor.on_failure(ZeroDivisionError, ZeroDivisionError("thirteen"), None)
    said_before = len(desk.alerts)
    desk.minute("10:03", 50.0)
    desk.actor.on_history(bar("10:04", 102.0), today=True)
    assert len(desk.alerts) == said_before
    assert desk.health == [SymbolFailed("NSE:TCS", "ZeroDivisionError('thirteen')")]


def test_it_can_be_asked_as_any_actor(desk: Desk):
    assert desk.actor.actor_ref.ask(Inspect(), timeout=5).symbol == "NSE:TCS"
