"""A channel taken turn by turn, with a clock moved by hand and a real store."""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from delivery.alert import Alert
from delivery.build import stop_channels
from delivery.retry import Outcome
from store.deliveries import DeliveryState, Mark
from store.store import Store
from tests.delivery.places import (
    BROKEN,
    DOWN,
    FORBIDDEN,
    MANY_REQUESTS,
    ONE_BY_ONE,
    ChannelTo,
    Commit,
    Place,
    signals,
    turn,
)
from tests.transitions import HandClock, Told, entry, exit_of


def test_a_committed_alert_is_sent_once_and_marked(store: Store, commit: Commit, channel_to: ChannelTo):
    place = Place(ONE_BY_ONE)
    channel = channel_to(place)
    assert channel.step() is None
    commit(entry())
    assert channel.step() == 0.0
    assert channel.step() is None
    assert place.symbols == [["M&M"]]
    assert (channel.sent, channel.pending, channel.status().ok) == (1, 0, True)
    store.flush(10)
    assert store.delivery_counts() == {"phone": {"done": 1}}
    assert channel_to(Place(ONE_BY_ONE)).step() is None, "the next run has nothing to send"


def test_the_store_knows_that_a_send_is_under_way(store: Store, commit: Commit, channel_to: ChannelTo):
    class Looking(Place):
        def send(self, alerts: Sequence[Alert], following: int) -> Outcome:
            seen.append(store.delivery_counts()["phone"])
            return super().send(alerts, following)

    seen: list[dict[str, int]] = []
    commit(entry())
    channel_to(Looking(ONE_BY_ONE)).step()
    assert seen == [{"sending": 1}]


def test_too_many_requests_pauses_the_channel_and_loses_nothing(
    store: Store, commit: Commit, channel_to: ChannelTo, clock: HandClock, health: Told
):
    place, other = Place(ONE_BY_ONE, MANY_REQUESTS, clock=clock), Place(ONE_BY_ONE, clock=clock)
    channel, unhurt = channel_to(place), channel_to(other, "mail")
    commit(*signals("A", "B", "C"), to=("phone", "mail"))
    began = clock.monotonic()
    channel.step()
    assert 34.0 <= (channel.step() or 0.0) <= 35.0, "the very next turn only waits"
    turn(unhurt, clock, 0.0)
    assert other.symbols == [["A"], ["B"], ["C"]]
    turn(channel, clock, 40.0)
    assert place.symbols == [["A"], ["A"], ["B"], ["C"]]
    assert place.at[1] >= began + 34.0
    assert not place.attempts[1][0].repeat, "it was told that nothing was taken"
    assert [(status.channel, status.ok) for status in health] == [("phone", False), ("phone", True)]


def test_the_pause_outlives_a_restart(store: Store, commit: Commit, channel_to: ChannelTo, clock: HandClock):
    commit(entry())
    channel_to(Place(ONE_BY_ONE, MANY_REQUESTS)).step()
    store.flush(10)
    place = Place(ONE_BY_ONE)
    again = channel_to(place)
    again.start()
    assert stop_channels([again], 5) == []
    assert place.attempts == []
    clock.advance(36)
    channel_to(place).step()
    assert place.symbols == [["M&M"]]


def test_a_refusal_is_final_at_once_and_told(
    store: Store, commit: Commit, channel_to: ChannelTo, clock: HandClock, health: Told
):
    place = Place(ONE_BY_ONE, FORBIDDEN)
    channel = channel_to(place)
    opened = entry("NSE:A")
    commit(opened, *signals("B"))
    turn(channel, clock, 600)
    assert place.symbols == [["A"], ["B"]]
    store.flush(10)
    assert store.delivery_counts() == {"phone": {"dead": 1, "done": 1}}
    assert store.last_error("phone") == "HTTP 403: bot was blocked"
    assert (channel.gave_up, channel.sent) == (1, 1)
    assert [(status.ok, opened.short_id in status.detail) for status in health] == [(False, True), (True, False)]


def test_a_failing_alert_keeps_back_only_its_own_symbol(commit: Commit, channel_to: ChannelTo, clock: HandClock):
    opened = entry("NSE:A")
    place = Place(ONE_BY_ONE, DOWN)
    channel = channel_to(place)
    commit(opened, exit_of(opened, time="10:40", price=1.0), *signals("B", "C"))
    channel.step()
    turn(channel, clock, 0.0)
    assert place.symbols == [["A"], ["B"], ["C"]]
    turn(channel, clock, 2.0)
    kinds = [(alerts[0].transition.symbol, alerts[0].transition.type) for alerts in place.attempts[3:]]
    assert kinds == [("NSE:A", "ENTRY"), ("NSE:A", "EXIT")]


def test_an_exit_carries_its_entry(commit: Commit, channel_to: ChannelTo, clock: HandClock):
    opened = entry()
    place = Place(ONE_BY_ONE)
    commit(opened, exit_of(opened, time="10:40", price=3030.0))
    turn(channel_to(place), clock, 0.0)
    assert place.attempts[1][0].entry == replace(opened, version="")


def test_only_a_failure_in_doubt_is_marked_as_a_possible_repeat(
    commit: Commit, channel_to: ChannelTo, clock: HandClock
):
    place = Place(ONE_BY_ONE, DOWN, BROKEN, DOWN)
    commit(entry())
    turn(channel_to(place), clock, 60)
    assert [alerts[0].repeat for alerts in place.attempts] == [False, False, True, True]


def test_the_doubt_outlives_a_restart(store: Store, commit: Commit, channel_to: ChannelTo):
    commit(*signals("A", "B"))
    channel_to(Place(ONE_BY_ONE, BROKEN)).step()
    store.flush(10)
    (first, second) = store.pending("phone", 0, 10)
    store.mark("phone", [Mark(second.outbox_id, DeliveryState.SENDING, 1)])
    store.flush(10)
    place = Place(ONE_BY_ONE)
    channel = channel_to(place)
    channel.step()
    channel.step()
    assert first.state is DeliveryState.UNKNOWN
    assert [(alerts[0].transition.symbol, alerts[0].repeat) for alerts in place.attempts] == [
        ("NSE:A", True),
        ("NSE:B", True),
    ]


def test_after_five_straight_failures_the_channel_only_probes_once_a_minute(
    commit: Commit, channel_to: ChannelTo, clock: HandClock, health: Told
):
    place = Place(ONE_BY_ONE, *[DOWN] * 8, clock=clock)
    commit(*signals(*"ABCDEFGHIJ"))
    turn(channel_to(place), clock, 600)
    gaps = [later - earlier for earlier, later in zip(place.at, place.at[1:], strict=False)]
    assert all(gap <= 1.0 for gap in gaps[:4])
    assert all(gap >= 60.0 for gap in gaps[4:8])
    assert sorted(symbol for [symbol] in place.symbols[8:]) == list("ABCDEFGHIJ"), "then all of them arrive"
    assert [status.ok for status in health] == [False, True], "told when it changes, not each time"


def test_a_destination_that_raises_loses_that_alert_and_not_the_channel(
    store: Store, commit: Commit, channel_to: ChannelTo, clock: HandClock, health: Told
):
    class Raising(Place):
        def send(self, alerts: Sequence[Alert], following: int) -> Outcome:
            if alerts[0].transition.symbol == "NSE:A":
                raise RuntimeError("a fault in somebody's plugin")
            return super().send(alerts, following)

    place = Raising(ONE_BY_ONE)
    commit(*signals("A", "B"))
    turn(channel_to(place), clock, 5)
    assert place.symbols == [["B"]]
    store.flush(10)
    assert store.delivery_counts() == {"phone": {"dead": 1, "done": 1}}
    assert "RuntimeError" in health[0].detail


def test_a_send_that_hangs_is_abandoned_and_sent_again_as_a_possible_repeat(
    commit: Commit, channel_to: ChannelTo, clock: HandClock
):
    class Hanging(Place):
        def send(self, alerts: Sequence[Alert], following: int) -> Outcome:
            outcome = super().send(alerts, following)
            if len(self.attempts) == 1:
                let_go.wait(30)
            return outcome

    let_go = threading.Event()
    place = Hanging(ONE_BY_ONE)
    channel = channel_to(place, send_limit_s=0.05)
    commit(entry())
    turn(channel, clock, 5)
    let_go.set()
    assert [alerts[0].repeat for alerts in place.attempts] == [False, True]
    assert channel.sent == 1


def test_a_stored_record_that_cannot_be_read_is_dead_and_the_rest_arrives(
    store: Store, commit: Commit, channel_to: ChannelTo, clock: HandClock
):
    commit(*signals("A", "B"))
    with closing(sqlite3.connect(store._path, isolation_level=None)) as connection:
        connection.execute("UPDATE outbox SET record = '{' WHERE id = 1")
    place = Place(ONE_BY_ONE)
    turn(channel_to(place), clock, 0.0)
    assert place.symbols == [["B"]]
    store.flush(10)
    assert store.delivery_counts() == {"phone": {"dead": 1, "done": 1}}


def test_a_running_channel_sends_what_an_earlier_run_left_and_what_comes(commit: Commit, channel_to: ChannelTo):
    class Counting(Place):
        def send(self, alerts: Sequence[Alert], following: int) -> Outcome:
            outcome = super().send(alerts, following)
            arrived.release()
            return outcome

    arrived = threading.Semaphore(0)
    place = Counting(ONE_BY_ONE)
    channel = channel_to(place)
    commit(*signals("A"))
    channel.start()
    assert arrived.acquire(timeout=20)
    commit(*signals("B"))
    channel.wake()
    assert arrived.acquire(timeout=20)
    assert stop_channels([channel], 5) == []
    assert place.symbols == [["A"], ["B"]]
    assert channel.heartbeat.beats > 0
    assert channel.heartbeat.backlog() == 0


def test_a_channel_that_ends_sends_what_it_can_and_leaves_the_rest(store: Store, commit: Commit, channel_to: ChannelTo):
    place = Place(ONE_BY_ONE, DOWN)
    channel = channel_to(place)
    commit(*signals("A", "B", "C"))
    channel.finish(5)
    channel.start()
    assert channel.join(20)
    assert place.symbols == [["A"], ["B"], ["C"]]
    store.flush(10)
    assert store.delivery_counts() == {"phone": {"retry": 1, "done": 2}}


def test_a_channel_that_was_never_started_ends_at_once(channel_to: ChannelTo):
    assert stop_channels([channel_to(Place(ONE_BY_ONE))], 1) == []
