"""The whole table: whose hours are whose, what a user adds, and when the table is too old to trust."""

from datetime import date, time

import pytest

from errors import SettingsError
from market.hours import Hours, Phase
from market.instrument import Instrument, Kind
from market.sessions import AddedDay, AddedListing, SessionTable, session_class
from tests.factories import at, instrument, session_table

BOTH = ("NSE", "BSE")
OLD = (
    "holidays and hours were last reviewed on 2026-11-21, 91 days ago; a newer version may know more, and"
    " [[special_day]] in config.toml adds a day"
)


def shown(table: SessionTable, day: date, symbol: str = "NSE:TCS", **changes: object) -> str:
    """`09:15-15:30`; empty without a session."""
    return " ".join(
        f"{(one.open_ms - at('00:00', day)) // 60_000 / 60:g}-{(one.close_ms - at('00:00', day)) // 60_000 / 60:g}"
        for one in table.hours(instrument(symbol, **changes)).on(day)
    )


# --- whose hours are whose -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("traded", "expected"),
    [
        (instrument(), "EQUITY"),
        (instrument(has_derivatives=True), "EQUITY_FNO"),
        (instrument(kind=Kind.INDEX, has_derivatives=True), "EQUITY"),
        (instrument(kind=Kind.FUTURE), "DERIVATIVE"),
        (instrument(kind=Kind.OPTION), "DERIVATIVE"),
    ],
)
def test_the_class_follows_from_the_instrument(traded: Instrument, expected: str):
    assert session_class(traded) == expected


@pytest.mark.parametrize(
    ("symbol", "underlying", "expected"),
    [
        ("NSE:USDINR-27NOV2026-FUT", "NSE:USDINR", "NSE currency futures and options"),
        ("BSE:USDINR-27NOV2026-FUT", "BSE:USDINR", "BSE currency futures and options"),
        ("NSE:BAJAJ-AUTO-26NOV2026-FUT", "NSE:BAJAJ-AUTO", "NSE futures and options"),
        ("MCX:GOLDM-04DEC2026-FUT", "MCX:GOLDM", "MCX metals, energy and indices"),
        ("MCX:KAPAS-30APR2027-FUT", "MCX:KAPAS", "MCX cotton, kapas, palm oil"),
        ("MCX:CARDAMOM-15DEC2026-FUT", "", "MCX other agricultural goods"),
    ],
)
def test_a_contracts_class_follows_from_what_it_is_on(symbol: str, underlying: str, expected: str):
    contract = instrument(symbol, kind=Kind.FUTURE, underlying=underlying)
    assert session_table().hours(contract).title == expected


def test_symbols_of_a_class_share_its_hours():
    table = SessionTable()
    assert table.hours(instrument("NSE:TCS")) is table.hours(instrument("NSE:INFY"))
    assert [hours.title for hours in table.classes("NSE")] == [
        "NSE stocks and indices",
        "NSE stocks with derivatives",
        "NSE futures and options",
        "NSE currency futures and options",
    ]
    assert table.classes("NYSE") == []


@pytest.mark.parametrize("symbol", ["MCX:GOLD", "NYSE:IBM"])
def test_an_instrument_without_hours_is_refused_by_name(symbol: str):
    with pytest.raises(SettingsError) as refusal:
        session_table().hours(instrument(symbol))
    exchange = symbol.partition(":")[0]
    assert refusal.value.faults == [f"{symbol}: market/calendar has no hours for {exchange} EQUITY"]


# --- what a user adds ----------------------------------------------------------------------------------------------


def test_a_holiday_added_by_the_user_closes_the_exchanges_it_names():
    day = date(2026, 12, 10)
    table = SessionTable([AddedDay(day, ("NSE",), "Election")])
    assert shown(table, day) == ""
    assert shown(table, day, kind=Kind.FUTURE) == ""
    assert shown(table, day, "BSE:TCS") == "9.25-15.5"
    assert table.hours(instrument()).reason(day).name == "Election"


def test_a_session_added_by_the_user_beats_holiday_weekend_and_unknown_hours():
    muhurat = AddedDay(date(2026, 11, 8), BOTH, "Muhurat", time(18), time(19))
    assert shown(SessionTable([muhurat]), date(2026, 11, 8)) == "18-19"
    assert SessionTable([muhurat]).hours(instrument()).on(date(2026, 11, 8))[0].confirmed
    christmas = AddedDay(date(2026, 12, 25), BOTH, "Open after all", time(9, 15), time(15, 30))
    assert shown(SessionTable([christmas]), date(2026, 12, 25)) == "9.25-15.5"


def test_a_half_day_ends_early_without_auction_or_post_close():
    day = date(2026, 12, 10)
    table = SessionTable([AddedDay(day, BOTH, "Half day", time(9, 15), time(12))])
    assert shown(table, day, has_derivatives=True) == "9.25-12"
    assert table.hours(instrument(has_derivatives=True)).phase(at("15:20", day)) is Phase.CLOSED


def test_a_class_with_a_closing_auction_has_it_on_an_added_whole_day_too():
    sunday = date(2027, 2, 28)
    table = SessionTable([AddedDay(sunday, BOTH, "Union Budget", time(9, 15), time(15, 30))])
    assert shown(table, sunday) == "9.25-15.5"
    assert shown(table, sunday, has_derivatives=True) == "9.25-15.25"
    assert table.hours(instrument(has_derivatives=True)).phase(at("15:20", sunday)) is Phase.CLOSING_AUCTION


def test_an_evening_session_keeps_its_hours_also_for_a_class_that_stops_early():
    table = SessionTable([AddedDay(date(2026, 11, 8), BOTH, "Muhurat", time(18, 15), time(19, 15))])
    assert shown(table, date(2026, 11, 8), has_derivatives=True) == "18.25-19.25"


def gold_past_midnight() -> Hours:
    day = AddedDay(date(2026, 11, 8), ("MCX",), "Muhurat", time(18), time(0, 15))
    return SessionTable([day]).hours(instrument("MCX:GOLD-04DEC2026-FUT", kind=Kind.FUTURE))


def test_a_session_past_midnight_keeps_its_trading_date():
    gold, sunday, monday = gold_past_midnight(), date(2026, 11, 8), date(2026, 11, 9)
    session = gold.at(at("00:10", monday))
    assert session == gold.at(at("18:00", sunday))
    assert (session.date, session.close_ms) == (sunday, at("00:15", monday))
    assert gold.continuous(at("00:14:59", monday))
    assert gold.phase(at("00:15", monday)) is Phase.CLOSED
    assert gold.at(at("00:15", monday)).date == monday


def test_a_stock_begins_at_ten_on_the_day_it_is_listed_and_at_the_ordinary_time_before_and_after():
    day = date(2026, 12, 10)
    table = SessionTable(listings=[AddedListing("NSE:NEWCO", day)])
    newco = table.hours(instrument("NSE:NEWCO"))
    assert [shown(table, date(2026, 12, number), "NSE:NEWCO") for number in (9, 10, 11)] == [
        "9.25-15.5", "10-15.5", "9.25-15.5",
    ]  # fmt: skip
    assert newco.phase(at("09:50", day)) is Phase.PRE_OPEN
    assert newco.phase(at("15:50", day)) is Phase.POST_CLOSE
    assert shown(table, day) == "9.25-15.5"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 25), ""),  # Christmas
        (date(2026, 12, 26), ""),  # a Saturday
        (date(2024, 3, 2), "11.5-12.5"),  # the first of the two sessions ends at 10:00
        (date(2024, 11, 1), "18-19"),  # Muhurat
        (date(2026, 2, 1), "10-15.5"),  # a Sunday of trading
        (date(2026, 11, 21), "10-12"),  # a Saturday that the user adds
    ],
)
def test_a_listing_opens_a_special_day_later_and_no_holiday(day: date, expected: str):
    drill = AddedDay(date(2026, 11, 21), BOTH, "Drill", time(9, 15), time(12))
    table = SessionTable([drill], [AddedListing("NSE:NEWCO", day)])
    assert shown(table, day, "NSE:NEWCO") == expected


def test_a_listing_where_there_is_no_such_session_is_refused():
    table = SessionTable(listings=[AddedListing("BINANCE:BTCUSDT", date(2026, 12, 10))])
    with pytest.raises(SettingsError, match="no session for the day of a listing"):
        table.hours(instrument("BINANCE:BTCUSDT"))


# --- how far it can be trusted -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 10, 1), []),
        (date(2026, 11, 21), ["NSE and BSE: only 2 more holidays are known, and none after 2026-12-31"]),
        (date(2026, 12, 1), ["NSE and BSE: no holiday is known after 2026-12-31, in 30 days"]),
        (
            date(2027, 2, 20),
            [
                f"NSE and BSE: {OLD}",
                "NSE and BSE: no holiday is known after 2026-12-31: every weekday counts as a trading day",
            ],
        ),
    ],
)
def test_a_table_that_is_old_or_about_to_end_says_so(today: date, expected: list[str]):
    assert list(session_table().concerns({"NSE"}, today)) == expected


def test_holidays_added_by_the_user_count():
    added = [AddedDay(date(2026, 12, 10), ("NSE",), "Election")]
    assert list(SessionTable(added).concerns({"NSE"}, date(2026, 11, 21))) == []


def test_only_the_exchanges_that_are_watched_are_told_of():
    today = date(2026, 12, 20)
    assert [text.partition(":")[0] for text in session_table().concerns({"MCX", "BSE"}, today)] == [
        "MCX", "NSE and BSE",
    ]  # fmt: skip
    assert list(session_table().concerns({"BINANCE"}, today)) == []
    assert list(session_table().concerns((), today)) == []
