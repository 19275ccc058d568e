"""How a symbol actor takes the ends of days, the bars of earlier ones, and days that are not ordinary."""

from datetime import date

from actors.messages import Inspect
from tests.actors.conftest import long_at_101
from tests.factories import (
    DAY,
    NEXT_DAY,
    Desk,
    at,
    bar,
    plan,
    said,
    study,
)

# --- the ends of the day -------------------------------------------------------------------------------------------


def test_the_markets_end_ends_the_signal_when_its_last_minute_is_over(desk: Desk):
    long_at_101(desk)
    desk.minute("15:20", 101.5)
    desk.end("15:28")
    assert len(desk.alerts) == 1
    desk.end("15:29", "15:30", "15:31")
    assert said(desk.transitions)[1:] == [("EXIT", "market_end", "15:30:00", 101.5)]


def test_prints_after_the_close_have_no_part_in_the_end(desk: Desk):
    long_at_101(desk)
    desk.tick("15:29:59", 101.2, 300)
    desk.tick("15:31:00", 50.0, 400)
    desk.end("15:29")
    assert said(desk.transitions)[1:] == [("EXIT", "market_end", "15:30:00", 101.2)]


def test_a_jump_to_the_next_day_ends_the_day_before_first(desk: Desk):
    long_at_101(desk)
    desk.tick("15:10:05", 101.5, 300)
    desk.end("09:13", day=NEXT_DAY)
    desk.tick("09:15:01", 90.0, 10, NEXT_DAY)
    assert said(desk.transitions)[1:] == [("EXIT", "market_end", "15:30:00", 101.5)]


def test_a_signal_that_another_run_left_open_yesterday_ends_with_that_day():
    """The process died in a signal; the next morning its bars are read back and the first minute ends."""
    before = study(plan(stop="1"))
    for each in (bar("10:00", 100.0), bar("10:01", 101.0)):
        for runner in before.take(each):
            runner.on_bar(each)
    (runner,) = before.runners
    desk = Desk(plan(stop="1"), machine=runner.machine)
    for each in (bar("10:00", 100.0), bar("10:01", 101.0), bar("10:02", 101.5)):
        desk.actor.on_history(each, today=False)
    assert desk.alerts == []
    desk.end("08:50", day=NEXT_DAY)
    assert said(desk.transitions) == [("EXIT", "market_end", "15:30:00", 101.5)]
    assert desk.transitions[0].quality.late
    assert desk.transitions[0].state_id == runner.machine.entry_id
    desk.tick("09:15:01", 90.0, 10, NEXT_DAY)
    desk.end("09:15", day=NEXT_DAY)
    assert len(desk.alerts) == 1 + 1  # the edge of today's first bar is an entry of its own
    assert not desk.transitions[1].quality.late


# --- stored bars ---------------------------------------------------------------------------------------------------


def test_bars_of_earlier_days_warm_and_raise_nothing(desk: Desk):
    for each in (bar("15:28", 100.0), bar("15:29", 101.0)):
        desk.actor.on_history(each, today=False)
    desk.minute("09:15", 101.0, day=NEXT_DAY)
    assert desk.alerts == []  # no edge: it held on yesterday's last bar
    desk.minute("09:16", 99.0, day=NEXT_DAY)
    assert said(desk.transitions) == [("ENTRY", "SHORT", "09:17:00", 99.0)]


def test_the_last_long_bar_of_an_earlier_day_warms_too_and_raises_nothing():
    desk = Desk(
        plan(timeframe="75m", no_entry_last_minutes=0), plan(timeframe="75m", trigger="level", no_entry_last_minutes=0)
    )
    desk.actor.on_history(bar("13:00", 100.0), today=False)
    desk.actor.on_history(bar("14:30", 101.0), today=False)
    desk.end("08:50", day=NEXT_DAY)
    assert desk.alerts == []
    assert [each.last_bar.start_ms for each in desk.actor.runners] == [at("14:15")] * 2


def test_the_last_long_bar_of_an_earlier_day_is_not_raised_by_todays_first_bar_either():
    desk = Desk(plan(timeframe="75m", no_entry_last_minutes=0))
    desk.actor.on_history(bar("13:00", 100.0), today=False)
    desk.actor.on_history(bar("14:30", 101.0), today=False)
    desk.actor.on_history(bar("09:15", 101.0, day=NEXT_DAY), today=True)
    desk.end("10:29", day=NEXT_DAY)
    assert desk.alerts == []


def test_bars_of_today_raise_what_they_must_as_late_and_are_not_stored_again(desk: Desk):
    for each in (bar("10:00", 100.0), bar("10:01", 101.0)):
        desk.actor.on_history(each, today=True)
    (entry,) = desk.transitions
    assert entry.quality.late
    assert desk.outlets.bars == []
    desk.tick("10:01:30", 90.0, 10)  # of a minute that is over
    desk.tick("10:02:30", 103.0, 20)
    assert said(desk.transitions)[1:] == [("EXIT", "target", "10:02:30", 103.0)]
    assert not desk.transitions[1].quality.late


# --- days that are not ordinary ------------------------------------------------------------------------------------


def test_a_day_of_two_sessions_ends_signals_twice_and_begins_none_between():
    drill = date(2024, 3, 2)
    desk = Desk(plan(no_entry_last_minutes=0))
    desk.minute("09:15", 100.0, day=drill)
    desk.minute("09:16", 101.0, day=drill)
    desk.minute("10:30", 99.0, day=drill)
    assert desk.actor.bars.counts == {"outside_session": 1}
    desk.minute("11:30", 100.0, day=drill)
    for clock in ("11:31", "11:32"):
        desk.minute(clock, 100.0, day=drill)
    desk.minute("11:33", 101.0, day=drill)
    desk.end("11:34", "12:28", day=drill)
    desk.end("12:29", day=drill)
    assert said(desk.transitions) == [
        ("ENTRY", "LONG", "09:17:00", 101.0),
        ("EXIT", "market_end", "10:00:00", 101.0),
        ("ENTRY", "LONG", "11:34:00", 101.0),
        ("EXIT", "market_end", "12:30:00", 101.0),
    ]


def test_the_view_tells_the_phase_of_its_market():
    desk = Desk(plan())
    shown = []
    for clock, day in (("08:00", DAY), ("09:05", DAY), ("10:00", DAY), ("15:45", DAY), ("11:50", date(2024, 5, 18))):
        desk.end(clock, day=day)
        shown.append(desk.actor.actor_ref.ask(Inspect(), timeout=5).phase)
    assert shown == [
        "closed", "pre-open", "continuous", "post-close", "continuous, hours not confirmed, so no signals",
    ]  # fmt: skip
