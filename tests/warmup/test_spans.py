from datetime import date, time

import pytest

from brokers.history import DayQuote
from market.bar import MINUTE_MS
from market.instrument import Kind
from market.session_rows import DayRow
from market.sessions import Hours
from tests.factories import DAY, NEXT_DAY, at, bar, hours
from warmup.spans import Stored, Unwatched, down_since, history_since, is_split, missing, sessions_between

FRIDAY = date(2025, 11, 14)
SATURDAY = date(2025, 11, 15)
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


def test_what_is_older_than_four_hundred_days_is_not_looked_for():
    assert history_since(hours(), at("10:00"), 10**6) == at("00:00") - 400 * 86_400_000


def test_sessions_of_a_span_leave_out_the_weekend():
    found = [each.date for each in sessions_between(hours(), at("15:00", FRIDAY), at("09:16"))]
    assert found == [FRIDAY, DAY]
    assert [each.date for each in sessions_between(hours(), at("15:30", FRIDAY), at("09:15"))] == []


def two_sessions() -> Hours:
    """Trading in gold on a day with a second session in the evening, past midnight."""
    rows = [
        DayRow(FRIDAY, "morning", "here", open=time(9), close=time(17)),
        DayRow(FRIDAY, "Muhurat", "here", open=time(18), close=time(0, 15)),
    ]
    return hours("MCX:GOLD", kind=Kind.FUTURE).with_days({FRIDAY: rows})


def test_both_sessions_of_a_day_are_there_and_one_past_midnight_belongs_to_its_evening():
    found = sessions_between(two_sessions(), at("09:00", FRIDAY), at("09:00", SATURDAY))
    assert [(each.open_ms, each.close_ms) for each in found] == [
        (at("09:00", FRIDAY), at("17:00", FRIDAY)),
        (at("18:00", FRIDAY), at("00:15", SATURDAY)),
    ]
    past_midnight = list(sessions_between(two_sessions(), at("00:05", SATURDAY), at("00:10", SATURDAY)))
    assert [each.open_ms for each in past_midnight] == [at("18:00", FRIDAY)]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, at("18:00", FRIDAY)),
        (375, at("18:00", FRIDAY)),
        (376, at("16:59", FRIDAY)),
        (375 + 480, at("09:00", FRIDAY)),
        (375 + 481, at("23:54", THURSDAY)),
    ],
)
def test_history_reaches_back_through_both_sessions_of_a_day(minutes: int, expected: int):
    assert history_since(two_sessions(), at("10:00"), minutes) == expected


def test_the_pause_between_two_sessions_is_no_hole():
    hours = two_sessions()
    live = set(range(at("09:00", FRIDAY), at("17:00", FRIDAY), MINUTE_MS))
    unwatched = Unwatched(hours, at("09:00", FRIDAY), at("18:03", FRIDAY), live)
    assert unwatched.first(at("09:00", FRIDAY)) == at("18:00", FRIDAY)


@pytest.mark.parametrize(
    ("watched", "last", "now", "expected"),
    [
        ("09:00", "10:01", "10:07:05", "10:02"),
        ("09:00", "10:01", "10:02:50", None),
        ("09:00", "10:01", "10:03:10", "10:02"),
        ("10:07:05", "10:01", "10:07:05", None),
        ("08:30", "", "09:16:10", "09:15"),
        ("08:30", "", "09:10", None),
        ("09:00", "15:29", "15:45", None),
        ("09:00", "15:20", "15:45", "15:21"),
    ],
)
def test_since_when_nobody_watched_is_known_at_a_restart(watched: str, last: str, now: str, expected: str | None):
    told = Stored(at(watched), {at(last)} if last else set())
    assert down_since(told, [hours()], at(now)) == (at(expected) if expected else None)


def stored(*partial: str, live: tuple[str, str] = ("09:15", "10:00"), symbol: str = "NSE:A") -> Stored:
    told = Stored()
    told.live_minutes = set(range(at(live[0]), at(live[1]), MINUTE_MS))
    told.closes[symbol] = 100.0
    if partial:
        told.partial[symbol] = [at(clock) for clock in partial]
    return told


def lacks(told: Stored, *spans: tuple[int, int], now: str = "10:00") -> tuple[int, int] | None:
    unwatched = Unwatched(hours(), at("09:15", FRIDAY), at(now), told.live_minutes)
    return missing("NSE:A", at("09:15", FRIDAY), spans, told, unwatched)


def test_nothing_is_missing_when_the_broker_gave_what_nobody_watched():
    assert lacks(stored(), (at("09:15", FRIDAY), at("09:00"))) is None


def test_several_spans_may_hold_what_nobody_watched():
    told = stored("09:40", live=("09:30", "10:00"))
    friday, morning = (at("09:15", FRIDAY), at("15:30", FRIDAY)), (at("09:15"), at("09:41"))
    assert lacks(told, friday, morning) is None
    assert lacks(told, friday) == (at("09:15"), at("09:41"))
    assert lacks(told, morning) == (at("09:15", FRIDAY), at("15:30", FRIDAY))
    assert lacks(told, (at("11:00", FRIDAY), at("09:10")), (at("09:20"), at("09:50"))) == (
        at("09:15", FRIDAY),
        at("09:20"),
    )


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
    found = lacks(told, *([span] if span is not None else []))
    assert found is not None
    assert found[0] == expected


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
