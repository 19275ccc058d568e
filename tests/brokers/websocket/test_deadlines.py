"""The data deadline, in seconds that the test makes up."""

import pytest

from brokers.websocket.deadlines import DataDeadline, Deadlines


class Market:
    """Open or not."""

    is_open = True

    def __call__(self) -> bool:
        return self.is_open


@pytest.fixture
def market() -> Market:
    return Market()


@pytest.fixture
def deadline(market: Market) -> DataDeadline:
    deadline = DataDeadline(Deadlines(), market)
    deadline.start(1000.0)
    return deadline


def flow(deadline: DataDeadline, start: float, stop: float, gap: float) -> float:
    """Data every `gap` seconds; when the last came."""
    now = start
    while now + gap <= stop:
        now += gap
        deadline.data(now)
    return now


def test_a_busy_feed_may_be_silent_for_ten_seconds(deadline: DataDeadline):
    last = flow(deadline, 1000, 1100, 0.1)
    assert deadline.silence(last + 10) is None
    assert deadline.silence(last + 10.5) == pytest.approx(10.5)


def test_a_slow_feed_may_be_silent_for_twenty_times_its_usual_gap(deadline: DataDeadline):
    last = flow(deadline, 1000, 1500, 2.0)
    assert deadline.silence(last + 40) is None
    assert deadline.silence(last + 41) == pytest.approx(41)


def test_a_feed_that_never_says_anything_is_noticed(deadline: DataDeadline):
    assert deadline.silence(1010) is None
    assert deadline.silence(1010.5) == pytest.approx(10.5)


def test_silence_counts_from_the_moment_the_market_opens(deadline: DataDeadline, market: Market):
    market.is_open = False
    for now in range(1001, 5000):
        assert deadline.silence(now) is None
    market.is_open = True
    assert deadline.silence(5009) is None
    assert deadline.silence(5010) == pytest.approx(11)


def test_a_quiet_night_never_looks_like_a_fault(deadline: DataDeadline, market: Market):
    flow(deadline, 1000, 1100, 0.1)
    market.is_open = False
    assert not any(deadline.silence(1100 + turn / 2) for turn in range(2 * 86_400))


def test_in_a_halt_of_the_market_it_runs_out_once_and_then_once_a_minute(deadline: DataDeadline):
    last = flow(deadline, 1000, 1100, 0.1)
    assert deadline.silence(last + 11) is not None
    deadline.start(1112)
    deadline.data(1112.1)  # what every subscription brings at once
    assert deadline.silence(1172) is None
    assert deadline.silence(1173) is not None


def test_after_a_minute_of_data_it_is_as_strict_as_before(deadline: DataDeadline):
    assert deadline.silence(1011) is not None
    deadline.start(1012)
    last = flow(deadline, 1012, 1080, 0.1)
    assert deadline.silence(last + 10.5) is not None
