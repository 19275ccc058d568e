from datetime import date, datetime, time

import pytest

from commands.trading_day import table_concerns, todays_phases
from market.clock import IST
from settings.schema import ListingDay, Settings, SpecialDay, Universe


def ms(at: str) -> int:
    """An exchange time in epoch milliseconds."""
    return int(datetime.fromisoformat(at).replace(tzinfo=IST).timestamp()) * 1000


def phases(at: str, settings: Settings | None = None) -> list[str]:
    settings = settings or Settings()
    return list(todays_phases(settings, settings.session_table(), ms(at)))


def watching(*symbols: str) -> Settings:
    return Settings(universe=Universe(names=symbols))


def test_each_class_has_its_phases():
    assert phases("2026-11-20T10:00") == [
        (
            "NSE stocks and indices: Friday 2026-11-20, pre-open from 09:00, trading 09:15 to 15:30,"
            " post-close 15:40 to 16:00"
        ),
        (
            "NSE stocks with derivatives: Friday 2026-11-20, pre-open from 09:00, trading 09:15 to 15:15,"
            " closing auction to 15:35, post-close 15:40 to 16:00"
        ),
        "NSE futures and options: Friday 2026-11-20, pre-open from 09:00, trading 09:15 to 15:40",
        "NSE currency futures and options: Friday 2026-11-20, trading 09:00 to 17:00",
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-21T23:59", "Saturday 2026-11-21, closed; next on Monday 2026-11-23 at 09:15"),
        ("2026-12-25T08:00", "Friday 2026-12-25 (Christmas), closed; next on Monday 2026-12-28 at 09:15"),
        (
            "2024-03-02T08:00",
            (
                "Saturday 2024-03-02 (Disaster recovery drill), pre-open from 09:00,"
                " trading 09:15 to 10:00 and 11:30 to 12:30"
            ),
        ),
        (
            "2024-05-18T08:00",
            (
                "Saturday 2024-05-18 (Disaster recovery drill), pre-open from 09:00,"
                " trading 09:15 to 10:00 and 11:45 to 12:40; hours not confirmed: no signals"
            ),
        ),
        (
            "2026-11-08T08:00",
            (
                "Sunday 2026-11-08 (Muhurat), a session whose hours are not known: no bars, no signals;"
                " [[special_day]] in config.toml adds them; next on Monday 2026-11-09 at 09:15"
            ),
        ),
        (
            "2027-01-04T08:00",
            (
                "Monday 2027-01-04, pre-open from 09:00, trading 09:15 to 15:30, post-close 15:40 to 16:00;"
                " unless it is a holiday: none is known after 2026-12-31"
            ),
        ),
    ],
)
def test_a_day_that_is_not_ordinary_says_why(at: str, expected: str):
    assert phases(at)[0] == f"NSE stocks and indices: {expected}"


def test_commodities_and_crypto_are_told_when_they_are_watched():
    told = phases("2026-11-24T10:00", watching("MCX:GOLD", "BINANCE:BTCUSDT"))
    assert [line for line in told if line.startswith(("MCX", "BINANCE"))] == [
        "BINANCE spot: Tuesday 2026-11-24, trading all day",
        "BINANCE futures and perpetuals: Tuesday 2026-11-24, trading all day",
        "MCX metals, energy and indices: Tuesday 2026-11-24 (Guru Nanak Jayanti), trading 17:00 to 23:55",
        "MCX cotton, kapas, palm oil: Tuesday 2026-11-24 (Guru Nanak Jayanti), trading 17:00 to 21:00",
        (
            "MCX other agricultural goods: Tuesday 2026-11-24 (Guru Nanak Jayanti), closed;"
            " next on Wednesday 2026-11-25 at 09:00"
        ),
    ]


def test_what_the_user_added_is_told():
    settings = Settings(
        special_day=(
            SpecialDay(date=date(2026, 12, 10), exchanges=("NSE",), name="Half day", open=time(9, 15), close=time(12)),
        ),
        listing=(
            ListingDay(symbol="NSE:NEWCO", date=date(2026, 12, 9)),
            ListingDay(symbol="NSE:OLDCO", date=date(2026, 12, 8)),
        ),
    )
    assert phases("2026-12-10T08:00", settings)[0] == (
        "NSE stocks and indices: Thursday 2026-12-10 (Half day), pre-open from 09:00, trading 09:15 to 12:00"
    )
    assert phases("2026-12-09T08:00", settings)[4:] == [
        (
            "NSE:NEWCO: Wednesday 2026-12-09 (listing), pre-open from 09:00, trading 10:00 to 15:30,"
            " post-close 15:40 to 16:00"
        )
    ]


def test_the_tables_age_is_told_by_the_clock_for_what_is_watched():
    settings = watching("MCX:GOLD")
    told = table_concerns(settings, settings.session_table(), ms("2027-03-01T08:00"))
    assert [text.partition(":")[0] for text in told] == ["MCX", "MCX", "NSE and BSE", "NSE and BSE"]
    assert table_concerns(settings, settings.session_table(), ms("2026-10-01T08:00")) == []


def test_a_listing_on_a_day_without_trading_is_a_warning():
    listings = (
        ListingDay(symbol="NSE:NEWCO", date=date(2026, 12, 25)),
        ListingDay(symbol="NSE:B", date=date(2026, 12, 28)),
    )
    settings = Settings(listing=listings)
    assert "NSE:NEWCO: nothing is listed on 2026-12-25, which is no day of trading" in table_concerns(
        settings, settings.session_table(), ms("2026-10-01T10:00")
    )
    assert not any(
        "NSE:B" in line for line in table_concerns(settings, settings.session_table(), ms("2026-10-01T10:00"))
    )
