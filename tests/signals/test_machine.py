"""IDLE → IN_SIGNAL → COOLDOWN → IDLE: each arrow, and each arrow that is not there."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.machine import BarPassed, Enter, Event, Exit, Leave, Machine, State, Traded, step
from signals.signal import Reason, Side
from tests.factories import DAY, NEXT_DAY, at

COOLDOWN = 3
BAR = at("10:00")
ENTER = Enter(Side.LONG, 100.0, 110.0, 95.0, "entry", at("10:01"), BAR, DAY)
LONG, _ = step(Machine(), ENTER, COOLDOWN)
SHORT, _ = step(Machine(), replace(ENTER, side=Side.SHORT, target=90.0, stop=105.0), COOLDOWN)
LEAVE = Leave(Reason.EXIT_RULE, 101.0, at("10:06"), at("10:05"))
COOLING, _ = step(LONG, LEAVE, COOLDOWN)


def traded(low: float, high: float, open_: float | None = None) -> Traded:
    return Traded(low if open_ is None else open_, high, low, at("10:02:30"), at("10:02"))


def passed(clock: str) -> BarPassed:
    return BarPassed(at(clock), DAY)


# --- arrows --------------------------------------------------------------------------------------------------------


def test_idle_enters_a_signal():
    machine, done = step(Machine(), ENTER, COOLDOWN)
    assert done is ENTER
    assert machine == Machine(State.IN_SIGNAL, Side.LONG, 100.0, 110.0, 95.0, "entry", at("10:01"), BAR, 0, DAY)


@pytest.mark.parametrize(
    ("machine", "event", "reason", "price"),
    [
        (LONG, traded(109.0, 110.0), Reason.TARGET, 110.0),
        (LONG, traded(109.0, 112.0), Reason.TARGET, 110.0),
        (LONG, traded(95.0, 99.0, 98.0), Reason.STOP, 95.0),
        (LONG, traded(93.0, 99.0, 98.0), Reason.STOP, 95.0),
        (SHORT, traded(90.0, 91.0, 91.0), Reason.TARGET, 90.0),
        (SHORT, traded(99.0, 105.0), Reason.STOP, 105.0),
        (SHORT, traded(99.0, 106.0), Reason.STOP, 105.0),
        (LONG, LEAVE, Reason.EXIT_RULE, 101.0),
        (SHORT, Leave(Reason.MARKET_END, 99.0, at("15:30"), at("15:29")), Reason.MARKET_END, 99.0),
    ],
)
def test_a_signal_ends_and_cools_down(machine: Machine, event: Traded | Leave, reason: Reason, price: float):
    after, done = step(machine, event, COOLDOWN)
    assert done == Exit(reason, price, event.at_ms, event.bar_start_ms)
    assert after == replace(
        machine,
        state=State.COOLDOWN,
        since_ms=event.at_ms,
        bar_start_ms=event.bar_start_ms,
        cooldown_left=COOLDOWN,
    )


@pytest.mark.parametrize(
    ("machine", "event", "reason", "price"),
    [
        (LONG, traded(111.0, 112.0, 111.5), Reason.TARGET, 111.5),
        (LONG, traded(90.0, 92.0, 91.0), Reason.STOP, 91.0),
        (SHORT, traded(88.0, 89.0, 89.0), Reason.TARGET, 89.0),
        (SHORT, traded(107.0, 109.0, 108.0), Reason.STOP, 108.0),
        (LONG, Traded(111.5, 111.5, 111.5, at("10:02:30"), at("10:02")), Reason.TARGET, 111.5),  # a single tick
        (LONG, Traded(110.0, 110.0, 110.0, at("10:02:30"), at("10:02")), Reason.TARGET, 110.0),
    ],
)
def test_a_gap_beyond_a_level_gives_the_price_there_was(machine: Machine, event: Event, reason: Reason, price: float):
    _, done = step(machine, event, COOLDOWN)
    assert isinstance(done, Exit)
    assert (done.reason, done.price) == (reason, price)


@pytest.mark.parametrize("machine", [LONG, SHORT])
def test_of_target_and_stop_in_one_bar_the_stop_is_taken(machine: Machine):
    _, done = step(machine, traded(80.0, 120.0, 100.0), COOLDOWN)
    assert isinstance(done, Exit)
    assert (done.reason, done.price) == (Reason.STOP, machine.stop)


def test_without_a_cooldown_a_signal_ends_in_idle_and_still_knows_its_last_bar():
    after, done = step(LONG, LEAVE, 0)
    assert done is not None
    assert (after.state, after.bar_start_ms) == (State.IDLE, LEAVE.bar_start_ms)


def test_the_cooldown_counts_the_bars_after_the_exit_and_then_is_over():
    machine, states = COOLING, []
    for clock in ("10:05", "10:06", "10:07", "10:08", "10:09"):
        machine, done = step(machine, passed(clock), COOLDOWN)
        assert done is None
        states.append((machine.state, machine.cooldown_left))
    assert states == [
        (State.COOLDOWN, 3),  # the bar of the exit itself
        (State.COOLDOWN, 2),
        (State.COOLDOWN, 1),
        (State.IDLE, 0),
        (State.IDLE, 0),
    ]
    assert machine.bar_start_ms == LEAVE.bar_start_ms


@pytest.mark.parametrize("machine", [LONG, SHORT, COOLING])
def test_a_new_session_begins_idle(machine: Machine):
    assert step(machine, BarPassed(at("09:15", NEXT_DAY), NEXT_DAY), COOLDOWN) == (Machine(), None)


# --- arrows that are not there -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("machine", "event"),
    [
        (Machine(), traded(0.0, 1000.0)),
        (Machine(), LEAVE),
        (Machine(), passed("10:05")),
        (Machine(), BarPassed(at("09:15", NEXT_DAY), NEXT_DAY)),
        (LONG, ENTER),
        (LONG, replace(ENTER, side=Side.SHORT)),
        (LONG, traded(95.05, 109.95)),
        (SHORT, traded(90.05, 104.95)),
        (LONG, passed("10:05")),
        (COOLING, ENTER),
        (COOLING, traded(0.0, 1000.0)),
        (COOLING, LEAVE),
        (COOLING, passed("10:05")),
        (COOLING, passed("10:01")),
        (replace(LONG, target=None, stop=None), traded(0.0, 1000.0)),
        (replace(LONG, target=None), traded(99.0, 1000.0)),
        (replace(SHORT, stop=None), traded(99.0, 1000.0)),
    ],
)
def test_nothing_else_moves_it(machine: Machine, event: Event):
    assert step(machine, event, COOLDOWN) == (machine, None)


PRICES = st.floats(1, 1000)
TIMES = st.integers(at("09:15"), at("15:30"))
EVENTS = st.one_of(
    st.builds(Enter, st.sampled_from(Side), PRICES, PRICES, PRICES, st.just("id"), TIMES, TIMES, st.just(DAY)),
    st.builds(Traded, PRICES, PRICES, PRICES, TIMES, TIMES),
    st.builds(Leave, st.sampled_from([Reason.EXIT_RULE, Reason.MARKET_END]), PRICES, TIMES, TIMES),
    st.builds(BarPassed, TIMES, st.sampled_from([DAY, NEXT_DAY])),
)


@given(st.lists(EVENTS, max_size=40), st.integers(0, 4))
def test_entries_and_exits_take_turns_whatever_happens(events: list[Event], cooldown_bars: int):
    machine, last = Machine(), "exit"
    for event in events:
        before = machine
        machine, done = step(machine, event, cooldown_bars)
        if isinstance(done, Enter):
            assert before.state is State.IDLE
            assert machine.state is State.IN_SIGNAL
            last = "entry"
        elif isinstance(done, Exit):
            assert last == "entry"
            assert machine.state is (State.COOLDOWN if cooldown_bars else State.IDLE)
            last = "exit"
        assert Machine.from_json(json.loads(json.dumps(machine.to_json()))) == machine


# --- as the store keeps it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", [Machine(), LONG, SHORT, COOLING, step(LONG, LEAVE, 0)[0]])
def test_goes_through_json_and_back(machine: Machine):
    assert Machine.from_json(json.loads(json.dumps(machine.to_json(), allow_nan=False))) == machine


@pytest.mark.parametrize(
    "change",
    [
        {"state": "WAITING"},
        {"state": None},
        {"side": "UP"},
        {"side": ""},
        {"side": None},
        {"price": None},
        {"price": "100"},
        {"price": True},
        {"target": float("nan")},
        {"stop": float("inf")},
        {"since_ms": "10:01"},
        {"since_ms": 1.5},
        {"since_ms": -1},
        {"bar_start_ms": None},
        {"cooldown_left": 2},
        {"cooldown_left": -1},
        {"state": "COOLDOWN"},  # with no bars left it would never end
        {"state": "COOLDOWN", "cooldown_left": -3},
        {"session": "someday"},
        {"session": None},
        {"session": 20251117},
    ],
)
def test_a_row_that_is_no_machine_is_refused(change: dict[str, Any]):
    with pytest.raises((ValueError, TypeError)):
        Machine.from_json(LONG.to_json() | change)


@pytest.mark.parametrize("missing", list(LONG.to_json()))
def test_a_row_that_lacks_something_is_refused(missing: str):
    row = LONG.to_json()
    del row[missing]
    with pytest.raises(KeyError):
        Machine.from_json(row)


@pytest.mark.parametrize("row", [None, [], "IDLE", 3])
def test_what_is_no_row_is_refused(row: Any):
    with pytest.raises(TypeError):
        Machine.from_json(row)
