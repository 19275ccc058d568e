"""`run.py reconcile` as it is called, on a day of real bars."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from brokers.dhan.instruments import read_master
from commands.reconcile import Against, reconcile
from errors import CredentialsError, InputError, SettingsError
from market.bar import MINUTE_MS, Bar
from market.clock import iso
from market.sessions import DAY_MS
from settings.schema import PROGRAM
from simulator.dhan_rest import rest_of
from simulator.rest import RestService
from simulator.session_file import load_session
from store.store import FILE_NAME, Store
from tests.factories import SESSION_FILE, ClockByHand, at, real_bars

NAMES = ("NSE:ACC", "NSE:MARUTI", "NSE:WIPRO")
CONFIG = """
[feed]
source = "{source}"
[dhan]
instruments = "{master}"
rest_url = "{url}"
[universe]
names = ["NSE:ACC", "NSE:MARUTI", "NSE:WIPRO"]
series = []
[store]
directory = "state"
"""
DRILL = """
[[special_day]]
date = 2016-10-01
exchanges = ["NSE"]
name = "drill"
open = 10:00:00
close = 11:00:00
"""
TOKEN = "eyJ.eyJ.sig"


def configured(tmp_path: Path, source: str = "simulator", url: str = "http://127.0.0.1:1/v2") -> Path:
    path = tmp_path / "config.toml"
    master = PROGRAM / "simulator/data/scrip-master.csv"
    path.write_text(CONFIG.format(source=source, master=master, url=url), "utf-8")
    store = Store(tmp_path / "state" / source, ClockByHand())
    store.start()
    store.write_bars([(name, bar) for name in NAMES for bar in real_bars()[name]])
    store.stop()
    return path


def exported(path: Path, bars: dict[str, list[Bar]]) -> Against:
    rows = [
        f"{name},{iso(each.start_ms)},{','.join(map(str, each.values()[1:]))}"
        for name, kept in bars.items()
        for each in kept
    ]
    path.write_text("\n".join(("Code,Date,Open,High,Low,Close,Volume", *rows, "")), "utf-8")
    return Against(path, "start", "")


def real() -> dict[str, list[Bar]]:
    return {
        name: [Bar(each.start_ms, each.end_ms, each.session, *each.values()[1:]) for each in real_bars()[name]]
        for name in NAMES
    }


def test_a_file_of_the_same_candles_shows_no_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    config = configured(tmp_path)
    assert reconcile(None, config, exported(tmp_path / "export.csv", real()), as_json=False) == 0
    said = capsys.readouterr().out
    assert "2016-09-30, our candles against export.csv" in said
    assert "all 3 symbols equal; alerts: all " in said
    assert "worst symbols" not in said


def test_what_differs_is_shown_within_eighty_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "80")
    theirs = real()
    del theirs["NSE:WIPRO"]
    theirs["NSE:ACC"][100].high += 10
    del theirs["NSE:MARUTI"][50:60]
    for bar in theirs["NSE:MARUTI"][100:200]:
        bar.close = bar.open
    against = exported(tmp_path / "export.csv", theirs)
    assert reconcile(None, configured(tmp_path), against, as_json=False) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    assert "symbols only here: WIPRO" in said
    assert "candles: 10 missing there" in said
    assert "alerts would not have fired on their candles" in said
    assert "…" not in said.split("worst symbols")[0]


def test_json_is_one_object_with_the_same_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    theirs = real()
    theirs["NSE:ACC"][100].high += 10
    config = configured(tmp_path)
    against = exported(tmp_path / "export.csv", theirs)
    reconcile(None, config, against, as_json=True)
    values = json.loads(capsys.readouterr().out)
    assert values["summary"].startswith("2 of 3 symbols equal; 1 bar differs, worst ACC ")
    assert values["fields"]["high"]["worst"]["ticks"] == -200.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,b\n1,2\n", "neither bars"),
        ("symbol,timestamp,price,volume\nACC,2016-09-30T09:15,1,1\n", "these are ticks"),
        (
            "symbol,timestamp,open,high,low,close,volume\nACC,2016-09-29T09:15,1,1,1,1,1\n",
            "none of our symbols on 2016",
        ),
    ],
)
def test_a_file_that_cannot_be_compared_with_is_named_with_the_reason(tmp_path: Path, text: str, reason: str):
    path = tmp_path / "odd.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=reason) as raised:
        reconcile(None, configured(tmp_path), Against(path, "start", ""), as_json=False)
    assert raised.value.exit_code == 65
    assert "odd.csv" in str(raised.value)


def test_the_simulator_has_no_candles_of_its_own(tmp_path: Path):
    with pytest.raises(SettingsError, match="--against FILE"):
        reconcile(None, configured(tmp_path), None, as_json=False)


@pytest.fixture
def broker() -> Iterator[RestService]:
    session = load_session(SESSION_FILE)
    listings = list(read_master(PROGRAM / "simulator/data/scrip-master.csv"))
    with RestService(rest_of(session, listings, lambda: len(session))) as running:
        yield running


def test_the_brokers_own_candles_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, broker: RestService
):
    monkeypatch.setenv("DHAN_CLIENT_ID", "1100001111")
    monkeypatch.setenv("DHAN_ACCESS_TOKEN", TOKEN)
    config = configured(tmp_path, "dhan", broker.url)
    assert reconcile(None, config, None, as_json=False) == 0
    said = capsys.readouterr().out
    assert "our candles against dhan" in said
    assert "all 3 symbols equal" in said


def test_without_a_token_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DHAN_ACCESS_TOKEN", raising=False)
    with pytest.raises(CredentialsError, match="DHAN_"):
        reconcile(None, configured(tmp_path, "dhan"), None, as_json=False)


def test_a_day_the_user_added_is_reconciled_in_its_own_hours(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    saturday = date(2016, 10, 1)
    config = configured(tmp_path)
    moved = {name: [on(saturday, each) for each in bars] for name, bars in real().items()}
    store = Store(tmp_path / "state" / "simulator", ClockByHand())
    store.start()
    store.write_bars([(name, bar) for name, bars in moved.items() for bar in bars])
    store.stop()
    against = exported(tmp_path / "export.csv", moved)
    with pytest.raises(InputError, match="special_day"):
        reconcile(saturday, config, against, as_json=True)
    with config.open("a", encoding="utf-8") as file:
        file.write(DRILL)
    reconcile(saturday, config, against, as_json=True)
    values = json.loads(capsys.readouterr().out)
    within = [
        bar for bars in moved.values() for bar in bars if at("10:00", saturday) <= bar.start_ms < at("11:00", saturday)
    ]
    assert (values["bars"]["compared"], values["bars"]["equal"]) == (len(within), len(within))


def on(day: date, bar: Bar) -> Bar:
    """The same bar on another day."""
    start_ms = bar.start_ms + (day - bar.session).days * DAY_MS
    return Bar(start_ms, start_ms + MINUTE_MS, day, *bar.values()[1:])


def test_what_an_older_program_left_is_reconciled_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    config = configured(tmp_path)
    with closing(sqlite3.connect(tmp_path / "state/simulator" / FILE_NAME, isolation_level=None)) as connection:
        for statement in ("DROP TABLE watch", "DROP TABLE history", "ALTER TABLE outbox DROP COLUMN is_notice"):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
    assert reconcile(None, config, exported(tmp_path / "export.csv", real()), as_json=False) == 0
    assert "all 3 symbols equal" in capsys.readouterr().out
