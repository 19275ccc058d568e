"""The files of market/calendar/: what is in them, and what is refused."""

from datetime import date, time
from pathlib import Path

import pytest

from errors import SettingsError
from market.session_rows import Calendar, DayRow, read_calendar
from market.sessions import FOLDER, SessionTable

WHOLE = """
reviewed_on = 2026-11-21
zone = "Asia/Kolkata"
exchanges = ["NSE"]
[sources]
here = "a circular"
[[class]]
name = "EQUITY"
title = "stocks"
[[hours]]
classes = ["EQUITY"]
since = 2010-10-18
open = 09:15:00
close = 15:30:00
source = "here"
[days]
sessions = [{ date = 2025-10-21, open = 13:45:00, close = 14:45:00, name = "Muhurat", source = "here" }]
closed = [{ date = 2025-12-25, name = "Christmas", source = "here" }]
unknown_hours = [{ date = 2026-11-08, name = "Muhurat", source = "here" }]
"""

SHIPPED = [read_calendar(path) for path in sorted(FOLDER.glob("*.toml"))]


def read(folder: Path, text: str) -> Calendar:
    path = folder / "stocks.toml"
    path.write_text(text, encoding="utf-8")
    return read_calendar(path)


def test_a_row_is_read_with_its_source_in_words(tmp_path: Path):
    calendar = read(tmp_path, WHOLE)
    assert calendar.days == [
        DayRow(date(2025, 10, 21), "Muhurat", "a circular", ["NSE"], open=time(13, 45), close=time(14, 45)),
        DayRow(date(2026, 11, 8), "Muhurat", "a circular", ["NSE"], closed=True, confirmed=False),
        DayRow(date(2025, 12, 25), "Christmas", "a circular", ["NSE"], closed=True),
    ]
    assert (calendar.begins_on, calendar.ends_on) == (date.min, date.max)


@pytest.mark.parametrize(
    ("whole", "broken", "told"),
    [
        (WHOLE, "hours = 3", "'exchanges'"),
        (WHOLE, "= nonsense", "Invalid"),
        ("reviewed_on = 2026-11-21\n", "", "'reviewed_on'"),
        ("close = 15:30:00", "clsoe = 15:30:00", "2010-10-18: unknown key clsoe"),
        ("open = 09:15:00\n", "", "missing 1 required"),
        ('name = "Christmas", source = "here"', 'name = "Christmas", source = "hearsay"', "2025-12-25: its source is"),
        ('name = "Christmas", source = "here"', 'name = "Christmas"', "2025-12-25: its source is"),
        ('classes = ["EQUITY"]', 'classes = ["EQUTY"]', "is of an unknown EQUTY"),
        ('name = "Christmas",', 'name = "Christmas", exchanges = ["NES"],', "is of an unknown NES"),
        ('"Asia/Kolkata"', '"America/New_York"', "daylight saving"),
        ('"Asia/Kolkata"', '"Asia/Klokata"', "No time zone found"),
    ],
)
def test_a_file_that_is_no_session_table_is_refused_in_one_line(tmp_path: Path, whole: str, broken: str, told: str):
    with pytest.raises(SettingsError) as refusal:
        read(tmp_path, WHOLE.replace(whole, broken))
    (line,) = refusal.value.faults
    assert line.startswith("stocks.toml: not a session table: ")
    assert told in line


def test_a_table_is_all_files_of_its_folder(tmp_path: Path):
    read(tmp_path, WHOLE)
    assert [hours.title for hours in SessionTable(folder=tmp_path).classes("NSE")] == ["NSE stocks"]


@pytest.mark.parametrize("calendar", SHIPPED, ids=lambda calendar: calendar.name)
def test_every_row_names_its_source_and_no_day_stands_twice(calendar: Calendar):
    assert all([row.source for row in calendar.hours] + [row.source for row in calendar.days])
    seen = [(row.date, exchange, row.open) for row in calendar.days for exchange in row.exchanges if not row.closed] + [
        (row.date, exchange, None) for row in calendar.days for exchange in row.exchanges if row.closed
    ]
    assert len(seen) == len(set(seen))
    open_days = {(row.date, exchange) for row in calendar.days for exchange in row.exchanges if not row.closed}
    assert not open_days & {(row.date, exchange) for row in calendar.days for exchange in row.exchanges if row.closed}


@pytest.mark.parametrize("calendar", SHIPPED, ids=lambda calendar: calendar.name)
def test_holidays_are_weekdays_and_no_exchange_stands_in_two_files(calendar: Calendar):
    assert not [row.date for row in calendar.days if row.closed and row.confirmed and row.date.weekday() >= 5]
    others = {exchange for other in SHIPPED if other is not calendar for exchange in other.exchanges}
    assert not others & set(calendar.exchanges)
