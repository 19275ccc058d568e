"""The day so far and the days before: when they are known, and what is made of them."""

from datetime import date, timedelta
from math import isfinite, isnan, nan
from random import Random

import pytest

from indicators.chart import Chart
from indicators.cpr import Cpr
from indicators.day import Day
from indicators.gap import Gap
from indicators.indicator import Indicator
from indicators.opening_range import OpeningRange
from indicators.pivot import Pivot
from indicators.previous_day import PreviousDay
from indicators.relative_volume import RelativeVolume
from market.bar import Bar
from tests.factories import DAY, NEXT_DAY, bar, chart
from tests.published import Row, computed, rows

MONDAY = [
    bar("09:15", 100.0, 104.0, 99.0, 103.0),
    bar("09:16", 103.0, 110.0, 103.0, 108.0),
    bar("15:29", 108.0, 108.0, 90.0, 102.0),
]
TUESDAY = [bar("09:15", 105.0, 106.0, 104.0, 105.0, day=NEXT_DAY), bar("09:16", 105.0, 120.0, 80.0, 90.0, day=NEXT_DAY)]


def shown(make: type[Indicator], bars: list[Bar]) -> dict[str, list[float]]:
    return {name: computed(make, bars, name) for name in ("value", *make.outputs)}


def test_the_day_so_far_starts_over_each_session():
    day = shown(Day, [*MONDAY, *TUESDAY])
    assert day["open"] == [100.0, 100.0, 100.0, 105.0, 105.0]
    assert day["high"] == [104.0, 110.0, 110.0, 106.0, 120.0]
    assert day["low"] == [99.0, 99.0, 90.0, 104.0, 80.0]
    assert day["from_high"] == pytest.approx([100 / 104, 200 / 110, 800 / 110, 100 / 106, 25.0])
    assert day["from_low"] == pytest.approx([400 / 99, 900 / 99, 1200 / 90, 100 / 104, 12.5])
    assert all(isnan(value) for value in day["value"])


def test_the_previous_day_is_known_from_the_second_session_on():
    previous = shown(PreviousDay, [*MONDAY, *TUESDAY])
    for name, value in (("open", 100.0), ("high", 110.0), ("low", 90.0), ("close", 102.0), ("value", 102.0)):
        assert previous[name] == pytest.approx([nan] * 3 + [value] * 2, nan_ok=True)


def test_the_previous_day_is_the_last_one_that_traded():
    friday = bar("09:15", 200.0, day=DAY + timedelta(days=4))
    assert computed(PreviousDay, [*MONDAY, *TUESDAY, friday], "high")[-1] == 120.0


def test_the_gap_is_from_the_last_close_to_the_open_all_day():
    assert computed(Gap, [*MONDAY, *TUESDAY]) == pytest.approx([nan] * 3 + [100 * 3 / 102] * 2, nan_ok=True)


def test_pivots_are_made_of_the_previous_day():
    pivot = {name: values[-1] for name, values in shown(Pivot, [*MONDAY, *TUESDAY]).items()}
    p = (110.0 + 90.0 + 102.0) / 3
    assert pivot == pytest.approx(
        {"value": p, "r1": 2 * p - 90, "r2": p + 20, "r3": p + 40, "s1": 2 * p - 110, "s2": p - 20, "s3": p - 40}
    )
    assert all(isnan(value) for value in computed(Pivot, MONDAY))


def test_the_central_pivot_range_lies_around_the_pivot():
    cpr = {name: values[-1] for name, values in shown(Cpr, [*MONDAY, *TUESDAY]).items()}
    p = (110.0 + 90.0 + 102.0) / 3
    assert cpr == pytest.approx({"value": p, "top": 2 * p - 100, "bottom": 100.0, "width": 100 * (2 * p - 200) / p})


def test_the_top_is_the_top_also_when_the_day_closed_low():
    low = [bar("09:15", 100.0, 110.0, 90.0, 91.0), TUESDAY[0]]
    cpr = shown(Cpr, low)
    assert cpr["top"][-1] == 100.0
    assert cpr["bottom"][-1] == pytest.approx(2 * 97.0 - 100)


def test_all_that_reads_the_previous_day_shares_it():
    ours = chart()
    previous = ours.series("previous_day", lambda: PreviousDay(ours))
    assert Gap(ours)._previous is Pivot(ours)._previous is Cpr(ours)._previous is previous


# --- the opening range ---------------------------------------------------------------------------------------------


def opening(bars: list[Bar], minutes: int = 15) -> tuple[list[float], list[float]]:
    def make(ours: Chart) -> OpeningRange:
        return OpeningRange(ours, minutes)

    size, high, low = (computed(make, bars, name) for name in ("value", "high", "low"))
    assert size == pytest.approx([above - below for above, below in zip(high, low, strict=True)], nan_ok=True)
    return high, low


def test_the_opening_range_is_known_when_its_last_minute_is_over():
    high, low = opening([*MONDAY[:2], bar("09:28", 50.0), bar("09:29", 60.0), bar("09:30", 500.0), bar("15:29", 1.0)])
    assert high == pytest.approx([nan, nan, nan, 110.0, 110.0, 110.0], nan_ok=True)
    assert low == pytest.approx([nan, nan, nan, 50.0, 50.0, 50.0], nan_ok=True)


def test_the_opening_range_is_known_with_the_next_bar_when_its_last_minute_had_no_trade():
    high, _ = opening([*MONDAY[:2], bar("09:30", 500.0)])
    assert high == pytest.approx([nan, nan, 110.0], nan_ok=True)


def test_a_session_without_a_bar_in_these_minutes_has_no_opening_range():
    high, _ = opening([bar("09:30", 500.0), bar("09:31", 500.0)])
    assert all(isnan(value) for value in high)


def test_the_opening_range_starts_over_each_session():
    high, _ = opening([*MONDAY, *TUESDAY], minutes=1)
    assert high == [104.0, 104.0, 104.0, 106.0, 106.0]


def test_longer_bars_that_begin_within_the_opening_range_belong_to_it():
    high, _ = opening([bar("09:15", 10.0, 20.0, minutes=75), bar("10:30", 10.0, 30.0, minutes=75)])
    assert high == [20.0, 20.0]


def test_the_opening_range_begins_when_trading_does():
    diwali = DAY - timedelta(days=27)
    high, _ = opening([bar("13:45", 10.0, 20.0, day=diwali), bar("13:50", 10.0, 30.0, day=diwali)], minutes=5)
    assert high == pytest.approx([nan, 20.0], nan_ok=True)


# --- real minutes --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def minutes() -> list[tuple[str, Bar]]:
    """Four days of SPY, 09:30 to 16:00, each with its date."""
    published = rows("stock_intraday.csv.gz", texts=("date",))
    return [_minute(row) for row in published]


def _minute(row: Row) -> tuple[str, Bar]:
    day, _, clock = row["date"].partition(" ")
    made = bar(clock, row["open"], row["high"], row["low"], row["close"], int(row["volume"]))
    made.session = DAY + timedelta(days=int(day[-2:]))
    return day, made


def test_days_of_real_minutes_are_those_of_plain_lists(minutes: list[tuple[str, Bar]]):
    bars = [made for _, made in minutes]
    dates = list(dict.fromkeys(day for day, _ in minutes))
    by_date = {date: [made for day, made in minutes if day == date] for date in dates}
    assert len(dates) == 4
    previous, day = shown(PreviousDay, bars), shown(Day, bars)
    number = 0
    for yesterday, today in zip([None, *dates], dates, strict=False):
        for so_far in range(1, len(by_date[today]) + 1):
            known = by_date[today][:so_far]
            assert day["high"][number] == max(each.high for each in known)
            assert day["low"][number] == min(each.low for each in known)
            if yesterday:
                assert previous["high"][number] == max(each.high for each in by_date[yesterday])
                assert previous["low"][number] == min(each.low for each in by_date[yesterday])
                assert previous["open"][number] == by_date[yesterday][0].open
                assert previous["value"][number] == by_date[yesterday][-1].close
            number += 1


def test_relative_volume_of_real_minutes_with_holes_is_that_of_plain_dictionaries(minutes: list[tuple[str, Bar]]):
    dice = Random(5)
    bars = [made for _, made in minutes if dice.random() < 0.7]
    days: dict[date, dict[int, int]] = {}
    expected = []
    for each in bars:
        last = [days[day] for day in days if day != each.session][-2:]
        today = days.setdefault(each.session, {})
        minute = each.start_ms // 60_000 % 1440
        known = [day.get(minute, 0) for day in last if min(day) <= minute <= max(day)]
        total = sum(known)
        expected.append(each.volume * len(known) / total if len(last) == 2 and total else nan)
        today[minute] = each.volume
    assert sum(map(isfinite, expected)) > 400
    ours = computed(lambda chart: RelativeVolume(chart, 2), bars)
    assert ours == pytest.approx(expected, rel=1e-9, nan_ok=True)
