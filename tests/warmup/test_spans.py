from datetime import date

import pytest

from brokers.history import DayQuote
from market.bar import MINUTE_MS
from tests.factories import DAY, NEXT_DAY, at, bar, hours
from warmup.spans import Stored, Unwatched, history_since, is_split, missing_since, sessions_between

FRIDAY = date(2025, 11, 14)
THURSDAY = date(2025, 11, 13)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, at("09:15", FRIDAY)),
        (330, at("09:15", FRIDAY)),
        (375, at("09:15", FRIDAY)),
        (400, at("15:05", THURSDAY)),
        (750, at("09:15", THURSDAY)),
    ],
)
@pytest.mark.parametrize("now", ["08:00", "09:15", "12:00", "15:45"])
def test_history_begins_on_earlier_trading_days_whatever_the_time_of_today(now: str, minutes: int, expected: int):
    assert history_since(hours(), at(now), minutes) == expected


def test_more_than_the_broker_gives_is_not_looked_for():
    assert history_since(hours(), at("10:00"), 10**6) == at("00:00") - 90 * 86_400_000


def test_sessions_of_a_span_leave_out_the_weekend():
    found = [each.date for each in sessions_between(hours(), at("15:00", FRIDAY), at("09:16"))]
    assert found == [FRIDAY, DAY]
    assert [each.date for each in sessions_between(hours(), at("15:30", FRIDAY), at("09:15"))] == []


def stored(*partial: str, live: tuple[str, str] = ("09:15", "10:00"), symbol: str = "NSE:A") -> Stored:
    told = Stored()
    told.live_minutes = set(range(at(live[0]), at(live[1]), MINUTE_MS))
    told.closes[symbol] = 100.0
    if partial:
        told.partial[symbol] = [at(clock) for clock in partial]
    return told


def missing(told: Stored, span: tuple[int, int] | None, now: str = "10:00") -> int | None:
    unwatched = Unwatched(hours(), at("09:15", FRIDAY), at(now), told.live_minutes)
    return missing_since("NSE:A", at("09:15", FRIDAY), span, told, unwatched)


def test_nothing_is_missing_when_the_broker_gave_what_nobody_watched():
    assert missing(stored(), (at("09:15", FRIDAY), at("09:00"))) is None


@pytest.mark.parametrize(
    ("told", "span", "expected"),
    [
        (Stored(), None, at("09:15", FRIDAY)),
        (stored(), None, at("09:15", FRIDAY)),
        (stored(), (at("10:00", FRIDAY), at("09:00")), at("09:15", FRIDAY)),
        (stored("09:20", "09:40"), (at("09:15", FRIDAY), at("09:00")), at("09:20")),
        (stored("09:20", "09:40"), (at("09:15", FRIDAY), at("09:30")), at("09:40")),
        (stored(live=("09:15", "09:50")), (at("09:15", FRIDAY), at("09:00")), at("09:50")),
        (stored(live=("09:30", "10:00")), (at("09:15", FRIDAY), at("09:00")), at("09:15")),
        (stored(symbol="NSE:B"), None, at("09:15", FRIDAY)),
    ],
)
def test_the_first_minute_that_is_missing_is_found(told: Stored, span: tuple[int, int] | None, expected: int):
    assert missing(told, span) == expected


def test_bars_are_looked_at_on_their_way():
    live = bar("09:15", 100.0, partial=True, day=NEXT_DAY)
    live.last_ms = live.end_ms - 5000
    rows = [("NSE:A", bar("15:29", 98.0)), ("NSE:A", live), ("NSE:B", bar("09:15", 7.0, day=NEXT_DAY))]
    told = Stored()
    assert list(told.reading(iter(rows), at("00:00", NEXT_DAY))) == rows
    assert told.closes == {"NSE:A": 98.0, "NSE:B": 0.0}
    assert told.partial == {"NSE:A": [live.start_ms]}
    assert told.live_minutes == {live.start_ms}
    told.forget("NSE:A")
    assert (told.closes, told.partial) == ({"NSE:B": 0.0}, {})


@pytest.mark.parametrize(
    ("stored_close", "previous_close", "expected"),
    [(100, 100, False), (100, 82.5, False), (100, 81.9, True), (100, 50, True), (100, 118.1, True), (0, 50, False)],
)
def test_a_previous_close_far_off_the_stored_one_is_a_split(
    stored_close: float, previous_close: float, *, expected: bool
):
    assert is_split(stored_close, DayQuote(1.0, 0, previous_close)) is expected


def test_without_a_quote_nothing_is_a_split():
    assert not is_split(100, None)
    assert not is_split(100, DayQuote(50.0, 0, 0.0))
