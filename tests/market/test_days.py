from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from market.clock import exchange_time
from market.days import day_of, midnight_before, start_of_day

moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - it has one


@given(moments)
def test_a_moment_belongs_to_the_day_that_the_exchanges_calendar_shows(moment: datetime):
    at_ms = int(moment.timestamp()) * 1000
    assert day_of(at_ms) == exchange_time(at_ms).date()
    assert midnight_before(at_ms) == start_of_day(day_of(at_ms)) <= at_ms


def test_a_day_begins_at_midnight_in_india_and_not_before():
    start = start_of_day(date(2025, 11, 17))
    assert exchange_time(start).isoformat() == "2025-11-17T00:00:00+05:30"
    assert day_of(start) - day_of(start - 1) == timedelta(days=1)
    assert midnight_before(start) == start
