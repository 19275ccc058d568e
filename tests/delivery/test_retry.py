from math import nan
from random import Random

import pytest

from delivery.retry import UNTOLD_RETRY_AFTER_S, Reply, Verdict, delay_s, failed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 301, 200])
def test_what_no_repetition_can_change_is_refused(status: int):
    assert failed([Reply("http", status, "no")]).verdict is Verdict.REFUSED


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int):
    assert failed([Reply("http", status)]).verdict is Verdict.RETRY


def test_only_a_failure_in_the_middle_leaves_a_doubt():
    assert failed([Reply("http", 502)]).may_have_arrived
    assert failed([Reply("http", 0, "the connection broke")]).may_have_arrived
    assert not failed([Reply("http", 0, "cannot connect", left_us=False)]).may_have_arrived
    assert not failed([Reply("http", 429)]).may_have_arrived
    assert not failed([]).may_have_arrived


@pytest.mark.parametrize(
    ("asked", "pause"), [(34.0, 34.0), (0.0, 0.0), (None, UNTOLD_RETRY_AFTER_S), (nan, 30.0), (1e9, 86_400.0)]
)
def test_too_many_requests_pauses_the_channel_as_long_as_the_other_side_wants(asked: float | None, pause: float):
    assert failed([Reply("http", 429, retry_after_s=asked)]).pause_s == pause


@pytest.mark.parametrize(
    ("codes", "verdict", "doubt"),
    [
        ([220, 250, 535], Verdict.REFUSED, False),
        ([220, 250, 250, 550, 250], Verdict.REFUSED, False),
        ([220, 250, 250, 250, 354, 452, 250], Verdict.RETRY, False),
        ([421], Verdict.RETRY, False),
        ([220, 502, 250, 250, 250, 354], Verdict.RETRY, True),
        ([220, 250], Verdict.RETRY, False),
        ([], Verdict.RETRY, False),
    ],
)
def test_mail_servers_are_judged_by_their_last_complaint(codes: list[int], verdict: Verdict, *, doubt: bool):
    outcome = failed([Reply("smtp", code) for code in codes])
    assert (outcome.verdict, outcome.may_have_arrived) == (verdict, doubt)


def test_delays_double_from_a_second_to_a_minute_with_full_jitter():
    chance = Random(1)
    for attempts, most in [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (500, 60.0)]:
        delays = [delay_s(attempts, chance) for _ in range(300)]
        assert max(delays) <= most
        assert max(delays) > most * 0.9
        assert min(delays) < most * 0.1
