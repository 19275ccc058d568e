import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from commands.readiness import findings
from market.clock import IST
from settings.schema import PROGRAM, Channel, Dhan, Feed, Logging, Settings, Store, Universe
from settings.strategy_schema import Override, SideSettings, StrategySettings

FRIDAY = "2026-11-20T10:00"


class StoppedClock:
    """A clock that stands at a time of the exchange."""

    def __init__(self, at: str) -> None:
        self._at_ms = ms(at)

    def now_ms(self) -> int:
        return self._at_ms

    def monotonic(self) -> float:
        return 0.0


def ms(at: str) -> int:
    """An exchange time in epoch milliseconds."""
    return int(datetime.fromisoformat(at).replace(tzinfo=IST).timestamp()) * 1000


def token(expires: str) -> str:
    """An access token as Dhan makes it, with another signature."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": ms(expires) // 1000}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzUxMiJ9.{claims}.c2lnbmF0dXJl"


def about(topic: str, settings: Settings, at: str = FRIDAY) -> list[tuple[str, int]]:
    """Text and exit code of what is found on one topic."""
    return [(found.text, found.exit_code) for found in findings(settings, StoppedClock(at)) if found.topic == topic]


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a live run with everything in place."""
    monkeypatch.setenv("DHAN_CLIENT_ID", "1100001111")
    monkeypatch.setenv("DHAN_ACCESS_TOKEN", token("2026-11-21T09:30"))
    return Settings(
        feed=Feed(source="dhan"),
        dhan=Dhan(instruments=str(PROGRAM / "simulator/data/scrip-master.csv")),
        store=Store(directory=tmp_path / "state"),
    )


def test_with_everything_in_place_there_is_no_fault_and_no_secret_in_sight(live: Settings):
    found = list(findings(live, StoppedClock(FRIDAY)))
    assert not [finding for finding in found if finding.exit_code]
    assert {finding.topic for finding in found} == {
        "session",
        "calendar",
        "credentials",
        "channel",
        "place",
        "instruments",
    }
    assert "eyJ" not in str(found)
    assert "1100001111" not in str(found)


def test_todays_phases_are_told_for_each_class(live: Settings):
    assert [text.partition(":")[0] for text, _ in about("session", live)] == [
        "NSE stocks and indices",
        "NSE stocks with derivatives",
        "NSE futures and options",
        "NSE currency futures and options",
    ]


def test_a_table_of_sessions_about_to_end_is_a_warning_and_no_fault(live: Settings):
    assert about("calendar", live) == [("NSE and BSE: only 2 more holidays are known, and none after 2026-12-31", 0)]
    marks = {finding.topic: finding.mark for finding in findings(live, StoppedClock(FRIDAY))}
    assert (marks["calendar"], marks["session"]) == ("WARN", "ok")
    assert about("calendar", live, "2026-10-01T08:00") == []


def test_every_exchange_with_a_watched_symbol_is_told_about(live: Settings):
    live = live.model_copy(update={"universe": Universe(names=("MCX:GOLD", "BSE:TCS"))})
    assert {text.partition(" ")[0] for text, _ in about("session", live)} == {"NSE", "BSE", "MCX"}


def test_the_simulator_needs_no_credentials(live: Settings):
    simulated = live.model_copy(update={"feed": Feed()})
    assert about("credentials", simulated) == [("the simulator needs none", 0)]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (token("2026-11-20T12:30"), ("expires on Friday 2026-11-20 at 12:30, in 2.5 hours", 0)),
        (token("2026-11-20T10:00"), ("expired on Friday 2026-11-20 at 10:00; make a new one", 77)),
        (token("2026-11-19T23:00"), ("expired on Thursday 2026-11-19 at 23:00; make a new one", 77)),
        ("not-a-jwt", ("there, but it does not say when it expires", 0)),
        (None, ("the environment variable DHAN_ACCESS_TOKEN is not set", 77)),
    ],
)
def test_the_life_of_the_token_is_told(
    live: Settings, monkeypatch: pytest.MonkeyPatch, value: str | None, told: tuple[str, int]
):
    if value is None:
        monkeypatch.delenv("DHAN_ACCESS_TOKEN")
    else:
        monkeypatch.setenv("DHAN_ACCESS_TOKEN", value)
    assert about("credentials", live)[1] == (f"access token: {told[0]}", told[1])


def test_a_token_file_wins_over_the_variable_and_must_be_private(live: Settings, tmp_path: Path):
    file = tmp_path / "dhan.token"
    file.write_text(token("2026-11-20T11:00"))
    file.chmod(0o644)
    live = live.model_copy(update={"dhan": live.dhan.model_copy(update={"access_token_file": file})})
    ((_, _), (text, code)) = about("credentials", live)
    assert (text.endswith(f"run: chmod 600 {file}"), code) == (True, 77)
    file.chmod(0o600)
    assert about("credentials", live)[1][0].endswith("in 1.0 hours")


def test_a_missing_client_id_is_told_beside_the_token(live: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DHAN_CLIENT_ID")
    assert [code for _, code in about("credentials", live)] == [77, 0]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("tgram://123456789:AAF1-abcdefghijklmnopqrstuvwxyz12345/4711", ("phone: apprise", 0)),
        ("tgrm://123456789:AAF1-abcdefghijklmnopqrstuvwxyz12345/4711", ("phone: its address is none", 78)),
        (None, ("phone: the environment variable PHONE_URL is not set", 77)),
    ],
)
def test_each_channels_address_is_tried_without_sending_or_showing_it(
    live: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    address: str | None,
    told: tuple[str, int],
):
    monkeypatch.delenv("PHONE_URL", raising=False)
    if address is not None:
        monkeypatch.setenv("PHONE_URL", address)
    screen, phone = Channel(name="screen", kind="console"), Channel(name="phone", kind="apprise", url_env="PHONE_URL")
    found = about("channel", live.model_copy(update={"channel": (screen, phone)}))
    assert found[0] == ("screen: console", 0)
    assert found[1][0].startswith(told[0])
    assert found[1][1] == told[1]
    assert "AAF1" not in "".join([found[1][0], *capfd.readouterr()])


def test_places_that_cannot_be_written_to_are_told(live: Settings, tmp_path: Path):
    (tmp_path / "file").touch()
    live = live.model_copy(
        update={
            "logging": Logging(file=tmp_path / "file/logs/a.log"),
            "channel": (Channel(name="sheet", kind="csv", path=tmp_path / "new/folder/a.csv"),),
        }
    )
    assert about("place", live) == [
        (f"state: {tmp_path / 'state/dhan'}", 0),
        (f"log file: {tmp_path / 'file'} cannot be written to", 73),
        (f"channel sheet: {tmp_path / 'new/folder'}", 0),
    ]
    assert not (tmp_path / "new").exists()


def test_unknown_symbols_are_told_with_the_nearest_names(live: Settings, tmp_path: Path):
    index = tmp_path / "nifty.csv"
    index.write_text("Company Name,Industry,Symbol,Series,ISIN Code\nBajaj,Auto,BAJAJAUTO,EQ,INE917I01010\n")
    universe = Universe(names=("NSE:RELAINCE", "NSE:TCS", "NSE:ZZZZZZZZ"), index_lists=(index,), series=())
    assert about("instruments", live.model_copy(update={"universe": universe})) == [
        ("universe.names: NSE:RELAINCE is not listed; did you mean NSE:RELIANCE or NSE:RELINFRA?", 78),
        ("universe.names: NSE:ZZZZZZZZ is not listed", 78),
        (f"{index}:2: NSE:BAJAJAUTO is not listed; did you mean NSE:BAJAJ-AUTO?", 78),
        ("1 of 166 listed are watched", 0),
    ]


def strategy(*rules: str, **changes: Any) -> StrategySettings:
    return StrategySettings(name="own", long=SideSettings(entry=rules), **changes)


def test_a_symbol_that_rules_read_though_nobody_watches_it_is_told(live: Settings):
    rules = ('close > close of "NSE:TCS"', 'close > close of "NSE:INFI"')
    universe = Universe(names=("NSE:SBIN",), series=())
    settings = live.model_copy(update={"universe": universe, "strategy": (strategy(*rules),)})
    infi, tcs = about("strategy", settings)
    assert infi[0].startswith("rules read NSE:INFI, and wait for it in vain: it is not listed; did you mean ")
    assert tcs == (
        "rules read NSE:TCS, and wait for it in vain: it must be watched too; add it to universe.names",
        0,
    )
    both = live.model_copy(update={"strategy": (strategy(rules[0]),)})
    assert about("strategy", both) == []


def test_a_strategy_or_an_override_that_is_for_nobody_is_told(live: Settings):
    override = Override(symbols=("NSE:NOPE", "NSE:NO*", "NSE:SBIN"))
    several = (strategy("close > 1", symbols=("NSE:BANK",)), strategy("close > 1", version="2", override=(override,)))
    assert about("strategy", live.model_copy(update={"strategy": several})) == [
        ("own: none of what is watched is for it: NSE:BANK", 0),
        ("own: an override is for NSE:NOPE, which is not watched", 0),
    ]


def test_a_universe_that_chooses_nothing_is_a_fault(live: Settings):
    universe = Universe(series=("BE",))
    found = about("instruments", live.model_copy(update={"universe": universe}))
    assert found == [("the universe chooses none of those listed", 78)]


def test_symbols_beyond_the_limit_are_counted(live: Settings):
    found = about("instruments", live.model_copy(update={"universe": Universe(limit=100)}))
    assert found == [("100 of 166 listed are watched, 66 more are cut off by universe.limit", 0)]


def test_an_instrument_list_out_of_reach_is_one_line_with_its_own_code(live: Settings):
    far = live.model_copy(update={"dhan": Dhan(instruments="http://127.0.0.1:9/master.csv")})
    ((text, code),) = about("instruments", far)
    assert "127.0.0.1" in text
    assert code == 75


def test_an_instrument_list_that_is_none_is_one_line(live: Settings, tmp_path: Path):
    (tmp_path / "a.csv").write_text("not,a\nmaster,file\n")
    broken = live.model_copy(update={"dhan": Dhan(instruments=str(tmp_path / "a.csv"))})
    ((text, code),) = about("instruments", broken)
    assert text.startswith(f"{tmp_path / 'a.csv'}: ")
    assert code == 65
