import numpy as np
import pytest

from simulator.pace import ConstantPace, MarketPace, Pace

NIGHT_MS = 17 * 3_600_000


def test_the_plain_pace_has_no_schedule():
    assert Pace().schedule(np.array([1, 2])) is None


def test_market_time_runs_at_the_given_speed_and_ticks_of_one_second_are_spread_over_it():
    due = MarketPace(10).schedule(np.array([60_000, 60_000, 61_000, 63_000, 63_000, 63_000, 63_000]))
    assert due is not None
    assert due.tolist() == pytest.approx([0, 0.05, 0.1, 0.3, 0.325, 0.35, 0.375])


def test_stamps_in_milliseconds_keep_their_order():
    due = MarketPace(1).schedule(np.array([0, 3, 3, 3, 4, 2000]))
    assert due is not None
    assert due.tolist() == pytest.approx([0, 0.003, 0.003 + 1 / 3000, 0.003 + 2 / 3000, 0.004, 2.0])


def test_a_night_without_ticks_is_skipped():
    due = MarketPace(1).schedule(np.array([0, 5000, 5000 + NIGHT_MS, 7000 + NIGHT_MS]))
    assert due is not None
    assert due.tolist() == [0, 5, 5, 7]


def test_a_constant_rate_ends_after_its_time():
    due = ConstantPace(4, 2).schedule(np.arange(100))
    assert due is not None
    assert due.tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]
