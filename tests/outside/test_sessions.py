"""The session table against a list of holidays put together by others."""

import csv
import gzip
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from market.clock import IST
from market.instrument import Instrument, Kind
from market.sessions import SessionTable

STOCK = Instrument("NSE:TCS", "NSE", Kind.EQUITY)
GOLD = Instrument("MCX:GOLD-04DEC2026-FUT", "MCX", Kind.FUTURE)
NOON = time(12)
BUDGET_SATURDAY = date(2025, 2, 1)
"""A full session that the list does not know."""


def test_every_day_of_two_years_is_open_or_closed_as_the_list_says(data: Path):
    with (data / "calendar/nse_mcx_holidays_2025_2026.csv").open(newline="", encoding="utf-8") as file:
        listed = {date.fromisoformat(row["date"]): row["nse"] for row in csv.DictReader(file)}
    hours = SessionTable().hours(STOCK)
    day, wrong = date(2025, 1, 1), []
    while day.year < 2027:
        at_ms = int(datetime.combine(day, NOON, IST).astimezone(UTC).timestamp()) * 1000
        said = listed.get(day, "closed" if day.weekday() >= 5 else "open")
        # The hours of a Muhurat session are announced late; without them the day has none.
        if day != BUDGET_SATURDAY and "special" not in said and (hours.at(at_ms) is None) != (said == "closed"):
            wrong.append(f"{day:%a %Y-%m-%d}: the list says {said}")
        day += timedelta(days=1)
    assert wrong == []


def test_the_commodity_exchange_is_closed_or_opens_in_the_evening_as_the_list_of_2026_says(data: Path):
    with (data / "calendar/nse_mcx_holidays_2025_2026.csv").open(newline="", encoding="utf-8") as file:
        listed = {date.fromisoformat(row["date"]): row["mcx"] for row in csv.DictReader(file)}
    hours, wrong = SessionTable().hours(GOLD), []
    for day, said in listed.items():
        opens = [datetime.fromtimestamp(one.open_ms / 1000, IST).time() for one in hours.on(day)]
        expected = {"closed": [], "evening 17:00-23:55": [time(17)]}.get(said)
        if expected is not None and opens != expected:
            wrong.append(f"{day:%a %Y-%m-%d}: the list says {said}, ours {opens}")
    assert wrong == []


def test_every_day_of_two_years_with_bars_of_an_index_is_a_session_and_every_weekday_without_is_a_holiday(data: Path):
    hours, muhurat = SessionTable().hours(STOCK), date(2015, 11, 11)  # an evening that the bars leave out
    with gzip.open(data / "bars/NIFTY_1m_201412_201609_endstamp.csv.gz", "rt", newline="", encoding="utf-8") as file:
        traded = {datetime.strptime(row["date"], "%Y%m%d").date() for row in csv.DictReader(file)}  # noqa: DTZ007 - a day
    day, ours = min(traded), set()
    while day <= max(traded):
        if hours.on(day):
            ours.add(day)
        day += timedelta(days=1)
    assert ours - traded == {muhurat}
    assert traded - ours == set()
