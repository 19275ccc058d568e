"""Two public calendars as a second and third opinion: they agree with ours but for what is named here."""

from datetime import UTC, date, datetime, timedelta

import exchange_calendars
import pandas_market_calendars
import pytest

from market.hours import Hours
from market.instrument import Kind
from tests.factories import hours

pytestmark = pytest.mark.filterwarnings(
    "ignore:Series.values returning an ndarray:DeprecationWarning"  # exchange_calendars 4.13.2 under pandas 3.1
)

FIRST, LAST = date(2014, 1, 1), date(2026, 12, 31)
STOCK = hours("NSE:TCS")
GOLD = hours("MCX:GOLD-04DEC2026-FUT", kind=Kind.FUTURE)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]

MUHURAT_SINCE_2019 = {date(2021, 11, 4), date(2022, 10, 24), date(2024, 11, 1), date(2025, 10, 21)}
MUHURAT_ON_WEEKDAYS = MUHURAT_SINCE_2019 | {
    date(2014, 10, 23), date(2015, 11, 11), date(2017, 10, 19), date(2018, 11, 7),
}  # fmt: skip
MUHURAT_ON_WEEKENDS = {date(2016, 10, 30), date(2019, 10, 27), date(2020, 11, 14), date(2023, 11, 12)}
BUDGETS_ON_WEEKENDS = {date(2015, 2, 28), date(2020, 2, 1), date(2025, 2, 1), date(2026, 2, 1)}
OTHER_SATURDAYS = {date(2014, 3, 22), date(2024, 1, 20), date(2024, 3, 2), date(2024, 5, 18)}
WEEKENDS = MUHURAT_ON_WEEKENDS | BUDGETS_ON_WEEKENDS | OTHER_SATURDAYS
OUTAGE = date(2021, 2, 24)


def ours(trading: Hours) -> set[date]:
    return {day for day in DAYS if trading.on(day)}


@pytest.fixture(scope="module")
def xbom() -> set[date]:
    """The days on which exchange_calendars has a session of BSE."""
    return {stamp.date() for stamp in exchange_calendars.get_calendar("XBOM", start=str(FIRST)).sessions}


def sessions(name: str, first: date = FIRST, last: date = LAST) -> dict[date, tuple[datetime, datetime]]:
    """The days on which pandas_market_calendars has a session, with open and close."""
    schedule = pandas_market_calendars.get_calendar(name).schedule(str(first), str(last))
    return {row.Index.date(): (row.market_open, row.market_close) for row in schedule.itertuples()}


@pytest.fixture(scope="module")
def nse() -> dict[date, tuple[datetime, datetime]]:
    return sessions("NSE")


def test_exchange_calendars_knows_no_muhurat_and_no_weekend_and_agrees_on_every_other_day(xbom: set[date]):
    assert ours(STOCK) - xbom == MUHURAT_ON_WEEKDAYS | WEEKENDS
    assert xbom - ours(STOCK) == set()


def test_pandas_market_calendars_knows_no_weekend_and_agrees_on_every_other_day(nse: dict[date, object]):
    assert ours(STOCK) - nse.keys() == WEEKENDS
    assert nse.keys() - ours(STOCK) == set()


def test_pandas_market_calendars_has_our_hours_but_for_the_day_of_the_outage(
    nse: dict[date, tuple[datetime, datetime]],
):
    different = {
        day
        for day, span in nse.items()
        if [(one.open_ms, one.close_ms) for one in STOCK.on(day)]
        != [tuple(round(moment.astimezone(UTC).timestamp() * 1000) for moment in span)]
    }
    assert different == {OUTAGE}


def test_pandas_market_calendars_has_bse_closed_on_a_day_of_2020_and_open_on_a_holiday(nse: dict[date, object]):
    bse = sessions("BSE")
    assert nse.keys() - bse.keys() == {date(2020, 7, 31)} | MUHURAT_SINCE_2019
    assert bse.keys() - nse.keys() == {date(2020, 5, 25)}
    assert hours("BSE:TCS").on(date(2020, 7, 31))
    assert not hours("BSE:TCS").on(date(2020, 5, 25))


def test_neither_knows_the_closing_auction(nse: dict[date, tuple[datetime, datetime]]):
    closes = nse[date(2026, 8, 3)][1]
    session = hours("NSE:RELIANCE", has_derivatives=True).on(date(2026, 8, 3))[0]
    assert closes.timestamp() * 1000 - session.close_ms == 15 * 60_000


def test_past_its_end_exchange_calendars_stops_and_pandas_market_calendars_pretends(xbom: set[date]):
    assert max(xbom) == LAST
    assert len(sessions("NSE", date(2027, 1, 1), date(2027, 12, 31))) == 261  # every weekday, without a word
    assert STOCK.calendar.ends_on == LAST


def test_neither_has_the_commodity_exchange_whose_holidays_are_fewer():
    assert "MCX" not in pandas_market_calendars.get_calendar_names()
    assert "XMCX" not in exchange_calendars.get_calendar_names()
    assert {day for day in ours(STOCK) - ours(GOLD) if day.weekday() < 5 and day.year >= 2019} == set()
