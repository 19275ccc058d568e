"""Bars of many minutes, anchored at the session open and closed by the clock."""

from datetime import date

import pandas as pd
import pytest

from market.bar import MINUTE_MS, Bar
from market.timeframe import Timeframe
from tests.factories import NEXT_DAY, at, bar, bars_at, hours, real_bars, values

MARKET = hours()
DAY_OF_BUNDLE = date(2016, 9, 30)


def starts(minutes: int, day: date = DAY_OF_BUNDLE) -> list[tuple[str, int]]:
    """Start, and length in minutes, of each bar of a day that trades every minute."""
    timeframe = Timeframe(minutes, MARKET)
    seen = dict.fromkeys(timeframe.bounds(at("09:15", day) + number * MINUTE_MS) for number in range(375))
    return [(f"{(start - at('00:00', day)) // MINUTE_MS // 60:02}:{(start - at('00:00', day)) // MINUTE_MS % 60:02}",
             (end - start) // MINUTE_MS) for start, end in seen]  # fmt: skip


def test_75_minutes_are_anchored_at_the_open():
    assert starts(75) == [("09:15", 75), ("10:30", 75), ("11:45", 75), ("13:00", 75), ("14:15", 75)]


def test_the_last_bar_of_the_day_ends_with_the_session():
    assert starts(125) == [("09:15", 125), ("11:20", 125), ("13:25", 125)]
    assert starts(60)[-1] == ("15:15", 15)
    assert starts(7)[-1] == ("15:26", 4)
    assert starts(7)[:2] == [("09:15", 7), ("09:22", 7)]
    assert starts(1440) == [("09:15", 375)]


def test_a_stock_that_stops_at_1515_has_a_shorter_last_bar():
    stopping_early = hours("NSE:RELIANCE", has_derivatives=True)
    day = date(2026, 8, 3)
    start, end = Timeframe(75, stopping_early).bounds(at("15:14", day))
    assert (start, end) == (at("14:15", day), at("15:15", day))


def test_the_bar_holds_first_open_last_close_extremes_and_all_volume():
    timeframe = Timeframe(5, MARKET)
    for each in (bar("09:15", 100.0, 103.0, 99.0, 101.0, 10), bar("09:17", 101.0, 102.0, 97.0, 98.0, 20)):
        assert timeframe.add(each) is None
    assert timeframe.close_through(at("09:19")) is None
    whole = timeframe.close_through(at("09:20"))
    assert whole == bar("09:15", 100.0, 103.0, 97.0, 98.0, 30, minutes=5)
    assert (whole.end_ms, whole.session) == (at("09:20"), date(2025, 11, 17))
    assert timeframe.close_through(at("09:20")) is None


def test_the_clock_closes_it_also_when_its_last_minute_had_no_trade():
    timeframe = Timeframe(5, MARKET)
    timeframe.add(bar("09:16", 100.0))
    assert timeframe.close_through(at("09:20")).start_ms == at("09:15")


def test_a_later_minute_closes_it_too_and_is_not_part_of_it():
    timeframe = Timeframe(5, MARKET)
    timeframe.add(bar("09:16", 100.0, volume=7))
    closed = timeframe.add(bar("09:31", 200.0, volume=9))
    assert closed == bar("09:15", 100.0, volume=7, minutes=5)
    assert timeframe.close_through(at("09:35")) == bar("09:30", 200.0, volume=9, minutes=5)


def test_a_quiet_symbol_has_bars_where_it_traded_and_none_elsewhere():
    timeframe = Timeframe(15, MARKET)
    closed = [timeframe.add(bar(clock, 100.0)) for clock in ("09:20", "10:59", "13:00")]
    closed.append(timeframe.close_through(at("15:30")))
    assert [each.start_ms for each in closed if each] == [at("09:15"), at("10:45"), at("13:00")]


def test_one_partial_minute_makes_it_partial():
    timeframe = Timeframe(5, MARKET)
    timeframe.add(bar("09:15", 100.0))
    timeframe.add(bar("09:16", 100.0, partial=True))
    timeframe.add(bar("09:17", 100.0))
    assert timeframe.close_through(at("09:20")).partial


def test_a_bar_never_spans_two_days():
    timeframe = Timeframe(60, MARKET)
    timeframe.add(bar("15:29", 100.0))
    closed = timeframe.add(bar("09:15", 200.0, day=NEXT_DAY))
    assert (closed.start_ms, closed.end_ms, closed.close) == (at("15:15"), at("15:30"), 100.0)


def test_it_knows_when_its_last_trade_was():
    timeframe = Timeframe(5, MARKET)
    for each in bars_at([100.0, 101.0]):
        timeframe.add(each)
    assert timeframe.close_through(at("09:20")).last_ms == at("09:17")


def by_pandas(bars: tuple[Bar, ...], minutes: int) -> list[tuple[int, float, float, float, float, int]]:
    frame = pd.DataFrame(
        [each.values() for each in bars], columns=["start", "open", "high", "low", "close", "volume"]
    ).set_index("start")
    frame.index = pd.to_datetime(frame.index, unit="ms")
    rule = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    anchor = pd.Timestamp(at("09:15", DAY_OF_BUNDLE), unit="ms")
    whole = frame.resample(f"{minutes}min", origin=anchor).agg(rule).dropna()
    return [(row.Index.value // 1_000_000, *row[1:5], int(row.volume)) for row in whole.itertuples()]


@pytest.mark.parametrize("minutes", [2, 5, 7, 15, 25, 60, 75, 125])
@pytest.mark.parametrize("symbol", ["NSE:RELIANCE", "NSE:PAGEIND"])
def test_agrees_with_pandas_on_a_real_day(symbol: str, minutes: int):
    timeframe = Timeframe(minutes, MARKET)
    closed = [timeframe.add(each) for each in real_bars()[symbol]]
    closed.append(timeframe.close_through(at("15:30", DAY_OF_BUNDLE)))
    assert values([each for each in closed if each]) == by_pandas(real_bars()[symbol], minutes)
