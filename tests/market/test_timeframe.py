"""Bars of many minutes, anchored at the session open and closed by the clock."""

from datetime import date, time

import pandas as pd
import pytest

from market.bar import MINUTE_MS, Bar
from market.hours import Hours
from market.instrument import Kind
from market.sessions import AddedDay, SessionTable
from market.timeframe import Timeframe
from tests.factories import NEXT_DAY, at, bar, bars_at, hours, instrument, real_bars, values

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


# --- every kind of day -----------------------------------------------------------------------------------------------

GOLD = hours("MCX:GOLD-04DEC2026-FUT", kind=Kind.FUTURE)
BITCOIN = hours("BINANCE:BTCUSDT")
HALF_DAY = SessionTable([AddedDay(date(2026, 12, 10), ("NSE",), "Half day", time(9, 15), time(12))]).hours(instrument())
PAST_MIDNIGHT = SessionTable([AddedDay(date(2026, 11, 8), ("MCX",), "Muhurat", time(18), time(0, 15))]).hours(
    instrument("MCX:GOLD-04DEC2026-FUT", kind=Kind.FUTURE)
)


def grid(trading: Hours, minutes: int, day: date) -> list[tuple[str, int]]:
    """Start, and length in minutes, of each bar of a trading date, asked for every minute that trades."""
    timeframe = Timeframe(minutes, trading)
    found: dict[tuple[int, int], None] = {}
    for session in trading.on(day):
        for at_ms in range(session.open_ms, session.close_ms, MINUTE_MS):
            found[timeframe.bounds(at_ms)] = None
    midnight = at("00:00", day)
    return [
        (f"{(start - midnight) // 3_600_000:02}:{(start - midnight) // MINUTE_MS % 60:02}", (end - start) // MINUTE_MS)
        for start, end in found
    ]


@pytest.mark.parametrize(
    ("trading", "minutes", "day", "first", "last", "count"),
    [
        (MARKET, 25, date(2025, 11, 17), ("09:15", 25), ("15:05", 25), 15),
        (hours("NSE:RELIANCE", has_derivatives=True), 125, date(2026, 8, 3), ("09:15", 125), ("13:25", 110), 3),
        (hours("NSE:NIFTY-FUT", kind=Kind.FUTURE), 75, date(2026, 8, 3), ("09:15", 75), ("15:30", 10), 6),
        (HALF_DAY, 75, date(2026, 12, 10), ("09:15", 75), ("11:45", 15), 3),
        (MARKET, 15, date(2025, 10, 21), ("13:45", 15), ("14:30", 15), 4),  # Muhurat
        (MARKET, 25, date(2024, 3, 2), ("09:15", 25), ("12:20", 10), 5),  # two sessions
        (GOLD, 60, date(2026, 3, 6), ("09:00", 60), ("23:00", 55), 15),
        (GOLD, 60, date(2026, 3, 9), ("09:00", 60), ("23:00", 30), 15),
        (GOLD, 75, date(2026, 5, 28), ("17:00", 75), ("23:15", 15), 6),  # the evening alone
        (PAST_MIDNIGHT, 60, date(2026, 11, 8), ("18:00", 60), ("24:00", 15), 7),
        (BITCOIN, 240, date(2026, 11, 21), ("05:30", 240), ("25:30", 240), 6),
        (BITCOIN, 1440, date(2026, 11, 21), ("05:30", 1440), ("05:30", 1440), 1),
        (BITCOIN, 7, date(2026, 11, 21), ("05:30", 7), ("29:25", 5), 206),
    ],
)
def test_bars_are_anchored_at_the_open_of_their_session_and_end_with_it(
    trading: Hours, minutes: int, day: date, first: tuple[str, int], last: tuple[str, int], count: int
):
    found = grid(trading, minutes, day)
    assert (found[0], found[-1], len(found)) == (first, last, count)
    assert sum(length for _, length in found) == sum(
        (one.close_ms - one.open_ms) // MINUTE_MS for one in trading.on(day)
    )


def test_a_bar_does_not_reach_over_the_pause_of_a_day_of_two_sessions():
    drill = date(2024, 3, 2)
    assert grid(MARKET, 25, drill) == [("09:15", 25), ("09:40", 20), ("11:30", 25), ("11:55", 25), ("12:20", 10)]
    timeframe = Timeframe(60, MARKET)
    timeframe.add(bar("09:59", 100.0, day=drill))
    closed = timeframe.add(bar("11:30", 200.0, day=drill))
    assert (closed.start_ms, closed.end_ms, closed.close) == (at("09:15", drill), at("10:00", drill), 100.0)


def test_crypto_days_meet_at_midnight_utc_and_share_no_bar():
    timeframe = Timeframe(60, BITCOIN)
    before, after = at("05:29", NEXT_DAY), at("05:30", NEXT_DAY)  # 23:59 and 00:00 UTC
    timeframe.add(Bar(before, before + MINUTE_MS, date(2025, 11, 17), 1.0, 1.0, 1.0, 1.0, 5))
    closed = timeframe.add(Bar(after, after + MINUTE_MS, NEXT_DAY, 2.0, 2.0, 2.0, 2.0, 7))
    assert (closed.start_ms, closed.end_ms, closed.volume) == (after - 60 * MINUTE_MS, after, 5)
    assert timeframe.bounds(after) == (after, after + 60 * MINUTE_MS)


def test_an_evening_bar_of_commodities_is_closed_by_the_clock_at_the_sessions_end():
    timeframe = Timeframe(60, GOLD)
    evening = date(2026, 11, 2)
    timeframe.add(bar("23:10", 100.0, day=evening))
    assert timeframe.close_through(at("23:54", evening)) is None
    assert timeframe.close_through(at("23:55", evening)).end_ms == at("23:55", evening)


@pytest.mark.parametrize("minutes", [1, 2, 3, 5, 7, 10, 15, 25, 30, 45, 60, 75, 125, 375, 1440])
@pytest.mark.parametrize("trading", [MARKET, GOLD, BITCOIN])
def test_any_number_of_minutes_covers_the_session_without_gap_or_overlap(trading: Hours, minutes: int):
    day = date(2025, 11, 17)
    (session,) = trading.on(day)
    timeframe, start = Timeframe(minutes, trading), session.open_ms
    while start < session.close_ms:
        bounds = timeframe.bounds(start)
        assert bounds == (start, min(start + minutes * MINUTE_MS, session.close_ms))
        assert timeframe.bounds(bounds[1] - 1) == bounds
        start = bounds[1]


# --- what a bar holds, and when it closes -----------------------------------------------------------------------------


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
