"""The policy alone: endings in, pauses out."""

from math import inf
from random import Random

import pytest

from brokers.broker import Ending, Remedy
from brokers.reconnect import Delays, Life, Pause, Reconnect

RESET = Ending(Remedy.RETRY, "reset")
TOO_MANY = Ending(Remedy.COOL_DOWN, "805 too many connections", code=805)
EXPIRED = Ending(Remedy.NEW_TOKEN, "807 access token expired", code=807)
NEVER_UP = Life()
MUTE = Life(subscribed_s=12.0)
HOUR = Life(subscribed_s=3600.0, ticks_s=3590.0)


@pytest.fixture
def policy() -> Reconnect:
    return Reconnect(Random(7), Delays())


def pause(policy: Reconnect, ending: Ending, life: Life = NEVER_UP) -> Pause:
    found = policy.after(ending, life)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(20))
def test_retries_are_random_within_a_limit_that_doubles_from_half_a_second_to_thirty(seed: int):
    policy = Reconnect(Random(seed), Delays())
    limits = [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    waits = [pause(policy, RESET).seconds for _ in limits]
    assert all(0 <= wait <= limit for wait, limit in zip(waits, limits, strict=True))
    assert len(set(waits)) == len(waits)


def test_a_thousand_retries_in_vain_still_wait_at_most_thirty_seconds(policy: Reconnect):
    assert max(pause(policy, RESET).seconds for _ in range(1000)) <= 30


def test_a_minute_of_ticks_makes_the_next_retry_a_first_one_but_less_does_not():
    for ticks_s, limit in ((60.0, 0.5), (59.0, 30.0)):
        waits = []
        for seed in range(50):
            policy = Reconnect(Random(seed), Delays())
            for _ in range(10):
                policy.after(RESET, NEVER_UP)
            waits.append(pause(policy, RESET, Life(subscribed_s=1000.0, ticks_s=ticks_s)).seconds)
        assert limit / 2 < max(waits) <= limit


def test_a_retry_waits_as_long_as_the_server_asked_for(policy: Reconnect):
    assert pause(policy, Ending(Remedy.RETRY, "HTTP 503", retry_after_s=20.0, code=503)).seconds == 20.0


def test_too_many_doubles_from_a_minute_to_five_and_holds_for_the_account(policy: Reconnect):
    pauses = [pause(policy, TOO_MANY, Life(1.0, 0.5)) for _ in range(5)]
    for found, least in zip(pauses, [60, 120, 240, 300, 300], strict=True):
        assert least <= found.seconds <= least + 1
        assert found.is_for_account
        assert not found.until_new_token


def test_after_an_hour_of_ticks_too_many_starts_at_a_minute_again(policy: Reconnect):
    for _ in range(4):
        policy.after(TOO_MANY, Life(1.0, 0.5))
    assert 60 <= pause(policy, TOO_MANY, HOUR).seconds <= 61


@pytest.mark.parametrize("asked", [5.0, 90.0, 1000.0])
def test_what_the_server_asks_for_beats_our_own_doubling_and_is_never_undercut(policy: Reconnect, asked: float):
    for _ in range(3):
        found = pause(policy, Ending(Remedy.COOL_DOWN, "HTTP 429", retry_after_s=asked, code=429))
        assert asked <= found.seconds <= asked + 1


def test_a_server_that_asks_for_no_time_gets_some(policy: Reconnect):
    assert pause(policy, Ending(Remedy.COOL_DOWN, "HTTP 429", retry_after_s=0.0, code=429)).seconds >= 0.5


def test_the_same_rejected_token_is_tried_three_times_and_no_more(policy: Reconnect):
    pauses = [pause(policy, EXPIRED) for _ in range(4)]
    assert [found.seconds for found in pauses] == [10, 60, inf, inf]
    assert all(found.until_new_token for found in pauses)
    assert pauses[2].detail == "807 access token expired; waiting for another token"


def test_another_token_has_three_tries_of_its_own(policy: Reconnect):
    for _ in range(3):
        policy.after(EXPIRED, NEVER_UP)
    policy.token_changed()
    assert pause(policy, EXPIRED).seconds == 10


def test_what_would_fail_again_is_given_up(policy: Reconnect):
    assert policy.after(Ending(Remedy.GIVE_UP, "806 no data API", code=806), HOUR) is None


def test_three_cuts_just_after_subscribing_make_the_token_suspect_even_if_ticks_came(policy: Reconnect):
    short = Life(subscribed_s=0.2, ticks_s=0.1)
    assert [pause(policy, RESET, short).until_new_token for _ in range(3)] == [False, False, True]
    found = pause(policy, RESET, short)
    assert found.seconds == 120
    assert found.detail == "cut off 4 times just after subscribing: is the token dead? (reset)"


def test_two_early_cuts_without_a_tick_make_it_suspect(policy: Reconnect):
    early = Life(subscribed_s=4.0)
    assert [pause(policy, RESET, early).seconds for _ in range(2)][1] == 60


def test_only_cuts_in_a_row_without_a_reason_count(policy: Reconnect):
    short, with_reason = Life(subscribed_s=0.2), Ending(Remedy.RETRY, "closed by the server: 1011", code=1011)
    for ending, life in [(RESET, short), (RESET, MUTE), (RESET, short), (with_reason, short), (RESET, NEVER_UP)]:
        assert not pause(policy, ending, life).until_new_token
    assert pause(policy, RESET, short).until_new_token


def test_a_suspect_token_that_streams_for_a_minute_is_cleared(policy: Reconnect):
    for _ in range(5):
        policy.after(RESET, Life(subscribed_s=0.2))
    found = pause(policy, RESET, HOUR)
    assert not found.until_new_token
    assert found.seconds <= 0.5


def test_resets_every_few_minutes_all_day_never_slow_a_feed_down(policy: Reconnect):
    random = Random(1)
    for _ in range(315):
        lived = random.uniform(60, 300)
        assert pause(policy, RESET, Life(lived, lived)).seconds <= 0.5
