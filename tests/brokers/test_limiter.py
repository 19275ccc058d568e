import threading

import pytest

from brokers.limiter import Limiter
from tests.factories import ClockByHand


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


def test_the_first_request_goes_at_once_and_the_next_ones_evenly(clock: ClockByHand):
    limiter = Limiter(4, clock)
    assert limiter.claim() == 0
    assert limiter.claim() == 0.25
    clock.pass_ms(100)
    assert limiter.claim() == pytest.approx(0.15)
    clock.pass_ms(150)
    assert limiter.claim() == 0


def test_a_quiet_time_is_not_made_up_for(clock: ClockByHand):
    limiter = Limiter(4, clock)
    clock.pass_ms(60_000)
    assert limiter.claim() == 0
    assert limiter.claim() == 0.25


def test_the_server_may_ask_for_a_pause_and_the_longer_one_counts(clock: ClockByHand):
    limiter = Limiter(4, clock)
    limiter.hold(14)
    limiter.hold(2)
    assert limiter.claim() == 14
    clock.pass_ms(14_000)
    assert limiter.claim() == 0


def test_whoever_waits_can_be_sent_away():
    clock, stopping = ClockByHand(), threading.Event()
    limiter = Limiter(0.001, clock)
    assert limiter.wait(stopping)
    threading.Timer(0, stopping.set).start()
    assert not limiter.wait(stopping)


def test_many_threads_together_get_no_more_than_one():
    clock = ClockByHand()
    limiter = Limiter(4, clock)
    free: list[bool] = []
    threads = [threading.Thread(target=lambda: free.append(limiter.claim() == 0)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert free.count(True) == 1
