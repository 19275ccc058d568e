"""What the operators of a rule make of numbers that are known, and of those that are not."""

from collections.abc import Callable, Sequence
from math import inf, isnan, nan

import pytest

from indicators.series import Given, Series
from rules.operators.arithmetic import Absolute, Constant, Difference, Greatest, Least, Moved, Negated, Quotient, Sum
from rules.operators.comparison import (
    Above,
    AtLeast,
    AtMost,
    Below,
    Between,
    CrossesAbove,
    CrossesBelow,
    Different,
    Equal,
)
from rules.operators.elsewhere import KEPT, InSession, Track
from rules.operators.logic import AnyOf, Every, Number, Opposite
from rules.operators.past import Ago, Throughout, Within
from tests.factories import at, bar, chart

TRUE, FALSE = 1.0, 0.0


def of(make: Callable[..., Series], *columns: Sequence[float]) -> list[float | None]:
    """What a series of given numbers is, bar by bar; None where it is not known."""
    sources = [Given() for _ in columns]
    series = make(*sources)
    found = []
    for row in zip(*columns, strict=True):
        for source, value in zip(sources, row, strict=True):
            source.value = value
        series.update()
        found.append(None if isnan(series.value) else series.value)
    return found


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (Above, [0, 0, 1, None, None]),
        (AtLeast, [0, 1, 1, None, None]),
        (Below, [1, 0, 0, None, None]),
        (AtMost, [1, 1, 0, None, None]),
        (Equal, [0, 1, 0, None, None]),
        (Different, [1, 0, 1, None, None]),
    ],
)
def test_a_comparison_with_a_number_that_is_not_known_is_not_known(make: type[Series], expected: list[float | None]):
    assert of(make, [1, 2, 3, nan, 1], [2, 2, 2, 2, nan]) == expected


def test_a_number_divided_by_nothing_is_not_known():
    assert of(Quotient, [6, 6, 0], [3, 0, 0]) == [2, None, None]


def test_arithmetic_passes_on_what_is_not_known():
    for make in (Sum, Difference, Quotient):
        assert of(make, [nan, 1], [1, nan]) == [None, None]
    assert of(lambda *sources: Least(sources), [nan, 3], [1, 2]) == [None, 2]
    assert of(lambda *sources: Greatest(sources), [nan, 3], [1, 2]) == [None, 3]
    assert of(Negated, [nan, 2]) == [None, -2]
    assert of(Absolute, [nan, -2]) == [None, 2]


def test_a_number_is_moved_by_percent_of_itself():
    assert of(lambda source: Moved(source, 0.2), [1000.0, nan]) == [1002.0, None]
    assert of(lambda source: Moved(source, -1.0), [1000.0]) == [990.0]


def test_a_crossing_needs_the_bar_before():
    left, right = [1, 3, 3, 1, 2, 3, nan, 3, 3], [2, 2, 2, 2, 2, 2, 2, 2, 4]
    assert of(CrossesAbove, left, right) == [None, 1, 0, 0, 0, 1, None, None, 0]
    assert of(CrossesBelow, left, right) == [None, 0, 0, 1, 0, 0, None, None, 1]


def test_between_takes_both_ends_in():
    assert of(Between, [1, 2, 3, 4, nan], [2] * 5, [3] * 5) == [0, 1, 1, 0, None]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        # true-unknown, false-unknown, unknown-unknown, true-false, true-true
        (Every, [None, 0, None, 0, 1]),
        (AnyOf, [1, None, None, 1, 1]),
        (Number, [None, None, None, 1, 2]),
    ],
)
def test_what_is_not_known_stays_so_unless_the_rest_decides(make: type[Series], expected: list[float | None]):
    def both(left: Series, right: Series) -> Series:
        return make([left, right])  # type: ignore[call-arg]

    assert of(both, [1, 0, nan, 1, 1], [nan, nan, nan, 0, 1]) == expected
    assert of(both, [nan, nan, nan, 0, 1], [1, 0, nan, 1, 1]) == expected


def test_the_opposite_of_what_is_not_known_is_not_known():
    assert of(Opposite, [1, 0, nan]) == [0, 1, None]


def test_so_many_bars_ago():
    assert of(lambda source: Ago(source, 2), [1, 2, 3, nan, 5]) == [None, None, 1, 2, 3]
    assert of(lambda source: Ago(source, 0), [1, 2]) == [1, 2]


def test_within_holds_as_soon_as_one_bar_did():
    assert of(lambda source: Within(source, 3), [0, 1, 0, 0, 0, nan, 0, 0, 0]) == [
        None, 1, 1, 1, 0, None, None, None, 0,
    ]  # fmt: skip
    assert of(lambda source: Within(source, 1), [0, 1, nan]) == [0, 1, None]


def test_throughout_fails_as_soon_as_one_bar_does():
    assert of(lambda source: Throughout(source, 3), [1, 1, 1, 0, 1, 1, 1, nan, 1, 0]) == [
        None, None, 1, 0, 0, 0, 1, None, None, 0,
    ]  # fmt: skip


def test_a_constant_never_changes():
    constant = Constant(5.0)
    constant.update()
    assert constant.value == 5.0


def test_a_bar_lies_in_a_span_of_the_day_when_all_of_it_does():
    minutes, hour = chart(), chart(60)
    short, long = InSession(minutes, 9 * 60 + 20, 15 * 60), InSession(hour, 9 * 60 + 20, 15 * 60)
    found = []
    for clock in ("09:19", "09:20", "14:59", "15:00"):
        minutes.take(bar(clock, 100.0))
        short.update()
        found.append(short.value)
    assert found == [FALSE, TRUE, TRUE, FALSE]
    for clock, expected in (("09:15", FALSE), ("10:15", TRUE)):
        whole = bar(clock, 100.0)
        whole.end_ms = whole.start_ms + 60 * 60_000
        hour.take(whole)
        long.update()
        assert long.value == expected


def test_a_track_answers_for_any_time_it_has_kept():
    track = Track()
    assert isnan(track.at(at("09:16")))
    for number in range(3):
        track.add(at("09:16") + number * 60_000, float(number))
    assert isnan(track.at(at("09:15")))
    assert [track.at(at(clock)) for clock in ("09:16", "09:17", "09:18", "15:30")] == [0, 1, 2, 2]
    assert track.at(at("09:16") + 1) == 0
    track.clear()
    assert isnan(track.at(at("15:30")))


def test_a_track_forgets_what_is_too_old():
    track = Track()
    for number in range(2 * KEPT + 1):
        track.add(number, float(number))
    assert isnan(track.at(KEPT - 1))
    assert track.at(KEPT) == KEPT
    assert track.at(2 * KEPT) == 2 * KEPT
    assert track.at(10**15) < inf
