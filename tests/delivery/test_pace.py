import pytest

from delivery.pace import Pace


def test_the_first_send_is_at_once_and_the_next_after_the_spacing():
    pace = Pace(1.0, 15)
    assert pace.wait_s(100.0) == 0.0
    pace.sent(100.0)
    assert pace.wait_s(100.25) == 0.75
    assert pace.wait_s(101.0) == 0.0


def test_no_minute_has_more_sends_than_allowed():
    pace = Pace(1.0, 15)
    now, times = 0.0, list[float]()
    for _ in range(100):
        now += pace.wait_s(now)
        pace.sent(now)
        times.append(now)
    for start in times:
        assert sum(start <= time < start + 60.0 for time in times) <= 15
    assert times[14] == pytest.approx(14.0), "the first fifteen only keep their spacing"


def test_without_limits_there_is_no_waiting():
    pace = Pace(0.0, None)
    for _ in range(100):
        assert pace.wait_s(5.0) == 0.0
        pace.sent(5.0)
