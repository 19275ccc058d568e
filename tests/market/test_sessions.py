"""When markets trade, by dated rows."""

from datetime import date, datetime
from pathlib import Path

import pytest

from errors import SettingsError
from market.clock import IST
from market.instrument import Instrument, Kind
from market.sessions import Hours, SessionTable, session_class
from tests.factories import at, hours, instrument, session_table

STOCK = hours("NSE:TCS")
STOCK_WITH_DERIVATIVES = hours("NSE:RELIANCE", has_derivatives=True)
FUTURE = hours("NSE:RELIANCE FUT", kind=Kind.FUTURE)
INDEX = hours("NSE:NIFTY 50", kind=Kind.INDEX, has_derivatives=True)


def shown(trading: Hours, day: date) -> str | None:
    """`09:15-15:30`, or None without a session; asked at a quarter past midnight."""
    session = trading.at(at("00:15", day))
    if session is None:
        return None
    assert session.date == day
    opens, closes = (datetime.fromtimestamp(ms / 1000, IST) for ms in (session.open_ms, session.close_ms))
    assert opens.date() == closes.date() == day
    return f"{opens:%H:%M}-{closes:%H:%M}"


@pytest.mark.parametrize(
    ("trading", "day", "expected"),
    [
        (STOCK, date(2026, 7, 31), "09:15-15:30"),
        (STOCK, date(2026, 8, 3), "09:15-15:30"),
        (STOCK_WITH_DERIVATIVES, date(2026, 7, 31), "09:15-15:30"),
        (STOCK_WITH_DERIVATIVES, date(2026, 8, 3), "09:15-15:15"),
        (STOCK_WITH_DERIVATIVES, date(2027, 1, 4), "09:15-15:15"),
        (FUTURE, date(2026, 7, 31), "09:15-15:30"),
        (FUTURE, date(2026, 8, 3), "09:15-15:40"),
        (INDEX, date(2026, 8, 3), "09:15-15:30"),
        (STOCK, date(2016, 9, 30), "09:15-15:30"),
        (STOCK, date(2010, 10, 15), None),  # before the table begins
    ],
)
def test_the_continuous_phase_depends_on_class_and_date(trading: Hours, day: date, expected: str | None):
    assert shown(trading, day) == expected


@pytest.mark.parametrize(
    "day",
    [
        date(2025, 11, 15),  # a Saturday
        date(2025, 11, 16),  # a Sunday
        date(2025, 12, 25),
        date(2026, 1, 15),  # told by a notice of its own
        date(2026, 1, 26),
        date(2026, 3, 3),
    ],
)
@pytest.mark.parametrize("trading", [STOCK, STOCK_WITH_DERIVATIVES, FUTURE, INDEX])
def test_there_is_no_session_on_holidays_and_ordinary_weekends(trading: Hours, day: date):
    assert shown(trading, day) is None


def test_a_holiday_of_the_stock_exchanges_is_none_of_the_commodity_exchange():
    assert shown(hours("MCX:GOLD", kind=Kind.FUTURE), date(2026, 3, 3)) == "09:00-23:30"


def test_the_budget_sunday_has_a_session_and_the_sundays_around_it_have_none():
    sundays = [date(2026, 1, 25), date(2026, 2, 1), date(2026, 2, 8)]
    assert [shown(STOCK, day) for day in sundays] == [None, "09:15-15:30", None]


def test_muhurat_has_the_hours_of_its_circular():
    assert shown(STOCK, date(2025, 10, 21)) == "13:45-14:45"
    session = STOCK.at(at("12:00", date(2025, 10, 21)))
    assert session.pre_open_ms == at("13:30", date(2025, 10, 21))
    assert not STOCK.continuous(at("10:00", date(2025, 10, 21)))
    assert STOCK.continuous(at("14:44:59", date(2025, 10, 21)))


def test_a_day_whose_hours_are_not_confirmed_has_no_session():
    assert shown(STOCK, date(2026, 11, 8)) is None


def test_the_continuous_phase_includes_its_first_moment_and_not_its_end():
    assert [STOCK.continuous(at(clock)) for clock in ("09:14:59.999", "09:15", "15:29:59.999", "15:30")] == [
        False,
        True,
        True,
        False,
    ]
    session = STOCK.at(at("10:00"))
    assert (session.pre_open_ms, session.open_ms) == (at("09:00"), at("09:15"))


def test_a_moment_belongs_to_the_exchanges_calendar_day_whatever_the_day_elsewhere():
    assert STOCK.at(at("00:00")).date == STOCK.at(at("23:59:59.999")).date == date(2025, 11, 17)
    assert STOCK.at(at("00:00") - 1) is None  # Sunday
    assert STOCK.at(at("23:59:59.999") + 1).date == date(2025, 11, 18)


def test_the_same_session_is_given_each_time():
    assert STOCK.at(at("10:00")) is STOCK.at(at("11:00"))


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


@pytest.mark.parametrize("symbol", ["MCX:GOLD", "NYSE:IBM"])
def test_an_instrument_without_hours_is_refused_by_name(symbol: str):
    with pytest.raises(SettingsError) as refusal:
        session_table().hours(instrument(symbol))
    exchange = symbol.partition(":")[0]
    assert refusal.value.faults == [f"{symbol}: sessions.toml has no hours for {exchange} EQUITY"]


# --- other tables --------------------------------------------------------------------------------------------------

ROW = """
[[hours]]
exchange = "NSE"
class = "EQUITY"
since = 2010-10-18
pre_open = 09:00:00
open = 09:15:00
close = 15:15:00
"""


def table(folder: Path, days: str) -> SessionTable:
    path = folder / "sessions.toml"
    path.write_text(f"day = []\n{ROW}" if not days else ROW + days, encoding="utf-8")
    return SessionTable(path)


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("18:15:00", "19:15:00", "18:15-19:15"),  # after the ordinary close
        ("09:15:00", "15:30:00", "09:15-15:15"),  # a class that stops early does so on a Sunday too
        ("09:15:00", "12:00:00", "09:15-12:00"),
    ],
)
def test_a_special_session_may_lie_in_the_evening_but_else_ends_no_later_than_others(
    tmp_path: Path, opens: str, closes: str, expected: str
):
    day = f'[[day]]\ndate = 2026-11-08\nexchanges = ["NSE"]\nopen = {opens}\nclose = {closes}\nname = "Diwali"\n'
    trading = table(tmp_path, day).hours(instrument())
    assert shown(trading, date(2026, 11, 8)) == expected


def test_a_table_without_special_days_will_do(tmp_path: Path):
    assert shown(table(tmp_path, "").hours(instrument()), date(2025, 12, 25)) == "09:15-15:15"


@pytest.mark.parametrize("text", ["hours = 3", "[[hours]]\nexchange = 'NSE'\n", "= nonsense", ROW])
def test_a_file_that_is_no_session_table_is_refused_in_one_line(tmp_path: Path, text: str):
    path = tmp_path / "sessions.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refusal:
        SessionTable(path)
    (line,) = refusal.value.faults
    assert line.startswith("sessions.toml: not a session table: ")
