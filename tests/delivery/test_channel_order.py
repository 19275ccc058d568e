"""What of all that waits a channel sends first, what together, and how it says what the program itself has to say."""

import pytest

from delivery.announcer import Announcer
from delivery.destination import Manners
from delivery.notice import Notice
from store.store import Store
from tests.delivery.places import ALL, BROKEN, DOWN, ONE_BY_ONE, PEOPLE, ChannelTo, Commit, Place, signals, turn
from tests.transitions import HandClock, Told, at, entry, exit_of

NOTICE = Notice("closing 2025-11-17", at("15:45"), "Closed 17 Nov 2025: 2 entries, 2 exits", ("phone: 4 of 4",))


def test_a_burst_of_three_hundred_is_shown_in_full_within_a_minute(
    commit: Commit, channel_to: ChannelTo, clock: HandClock
):
    place = Place(PEOPLE, clock=clock)
    channel = channel_to(place)
    names = [f"S{n}" for n in range(300)]
    commit(*signals(*names[:1]))
    channel.step()
    commit(*signals(*names[1:]))
    began = clock.monotonic()
    turn(channel, clock, 60)
    assert [symbol for symbols in place.symbols for symbol in symbols] == names
    assert len(place.attempts) == 11, "one by itself, then ten digests"
    assert place.following[1:] == [269, 239, 209, 179, 149, 119, 89, 59, 29, 0]
    assert place.at[-1] - began <= 60
    assert min(later - earlier for earlier, later in zip(place.at, place.at[1:], strict=False)) >= 1.0


def test_a_burst_is_gathered_for_a_moment_before_its_digest(commit: Commit, channel_to: ChannelTo, clock: HandClock):
    place = Place(PEOPLE, clock=clock)
    channel = channel_to(place)
    commit(*signals(*"ABCDEF"))
    assert channel.step() == pytest.approx(1.5)
    clock.advance(1.0)
    commit(*signals(*"GHIJ"))
    assert channel.step() == pytest.approx(0.5)
    turn(channel, clock, 0.6)
    assert place.symbols == [list("ABCDEFGHIJ")]


def test_a_few_alerts_go_one_by_one_exits_first(commit: Commit, channel_to: ChannelTo, clock: HandClock):
    place = Place(PEOPLE, clock=clock)
    commit(*signals("A", "B"), exit_of(entry("NSE:C", time="10:05"), time="10:30", price=1.0))
    turn(channel_to(place), clock, 5)
    assert place.symbols == [["C"], ["A"], ["B"]]
    assert [round(at - place.at[0]) for at in place.at] == [0, 1, 2]


@pytest.mark.parametrize("manners", [ONE_BY_ONE, PEOPLE, ALL])
def test_what_waits_together_goes_by_its_score(
    commit: Commit, channel_to: ChannelTo, clock: HandClock, manners: Manners
):
    place = Place(manners)
    scores = {"A": 1.0, "B": None, "C": 2.5, "D": 0.0, "E": -1.0, "F": 7.0}
    commit(*(entry(f"NSE:{name}", score=score) for name, score in scores.items()))
    turn(channel_to(place), clock, 10.0)
    assert [symbol for attempt in place.symbols for symbol in attempt] == ["F", "C", "A", "D", "E", "B"]


def test_what_waited_too_long_becomes_a_late_digest(commit: Commit, channel_to: ChannelTo, clock: HandClock):
    place = Place(PEOPLE, DOWN)
    channel = channel_to(place)
    commit(*signals("A", "B"))
    channel.step()
    clock.advance(601)
    commit(*signals("C"))
    turn(channel, clock, 5)
    assert place.symbols[1:] == [["A", "B"], ["C"]]
    assert [alert.overdue for alert in place.attempts[1]] == [True, True]
    assert not place.attempts[2][0].overdue


def test_a_local_destination_takes_all_that_waits_in_order(commit: Commit, channel_to: ChannelTo, clock: HandClock):
    place = Place(ALL)
    opened = entry("NSE:Z", time="10:05")
    commit(*signals("A", "B"), exit_of(opened, time="10:30", price=1.0), *signals(*(f"S{n}" for n in range(600))))
    turn(channel_to(place), clock, 0.0)
    assert [len(alerts) for alerts in place.attempts] == [500, 103]
    assert place.symbols[0][:4] == ["A", "B", "Z", "S0"]


def test_a_backlog_larger_than_memory_takes_at_once_arrives_in_order(
    commit: Commit, channel_to: ChannelTo, clock: HandClock
):
    place = Place(ALL)
    names = [f"S{n}" for n in range(4300)]
    commit(*signals(*names))
    turn(channel_to(place), clock, 0.0)
    assert [symbol for symbols in place.symbols for symbol in symbols] == names


def test_a_burst_is_not_gathered_when_the_channel_ends(commit: Commit, channel_to: ChannelTo):
    place = Place(PEOPLE)
    channel = channel_to(place)
    commit(*signals(*"ABCDEFGH"))
    channel.finish(5)
    channel.start()
    assert channel.join(20)
    assert place.symbols == [list("ABCDEFGH")]


def test_a_notice_goes_by_itself_and_does_not_wait_for_a_burst(
    store: Store, commit: Commit, channel_to: ChannelTo, clock: HandClock
):
    place = Place(Manners(together=30, singly_up_to=1, gather_s=5.0))
    channel = channel_to(place)
    commit(*signals("A", "B", "C"))
    Announcer(store, [channel]).announce(NOTICE)
    assert store.flush(10)
    turn(channel, clock, 10.0)
    assert [announcement.notice for announcement in place.announced] == [NOTICE]
    assert place.symbols == [["A", "B", "C"]]
    assert store.flush(10)
    assert store.delivery_counts() == {"phone": {"done": 4}}


def test_a_notice_is_announced_once_however_often_it_is_said(
    store: Store, channel_to: ChannelTo, clock: HandClock, health: Told
):
    place = Place(Manners(together=1))
    for _ in range(2):
        channel = channel_to(place)
        Announcer(store, [channel]).announce(NOTICE)
        assert store.flush(10)
        turn(channel, clock, 1.0)
    assert len(place.announced) == 1
    assert list(store.transitions()) == []
    assert store.decisions(3_600_000) == []


def test_a_notice_that_may_have_arrived_says_so_when_it_is_sent_again(
    store: Store, channel_to: ChannelTo, clock: HandClock
):
    place = Place(Manners(together=1), BROKEN)
    channel = channel_to(place)
    Announcer(store, [channel]).announce(NOTICE)
    assert store.flush(10)
    turn(channel, clock, 120.0)
    assert [announcement.repeat for announcement in place.announced] == [False, True]


def test_a_destination_for_signals_alone_gets_no_notice(store: Store, channel_to: ChannelTo):
    Announcer(store, [channel_to(Place(Manners(together=1, announces=False)))]).announce(NOTICE)
    assert store.flush(10)
    assert store.delivery_counts() == {}
