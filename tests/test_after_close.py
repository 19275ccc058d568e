"""The whole program in the evening: it does the day's work by itself, and only of a live market."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from market.clock import SystemClock
from settings.loader import load
from settings.schema import Settings
from store.archive import archive_path, read_day
from store.store import Store
from system import System
from tests.factories import ClockByHand, at, instrument, real_bars
from tests.loopback_services import HttpService

NAMES = ("NSE:ACC", "NSE:MARUTI")
DAY = real_bars()["NSE:ACC"][0].session
COMPLAINT = "simulator has no candles to compare with: give a file, --against FILE"
CONFIG = """
[store]
directory = "state"
[control]
port = 0
[[channel]]
name = "phone"
kind = "apprise"
url_env = "PHONE_URL"
[[channel]]
name = "signals"
kind = "jsonl"
path = "signals.jsonl"
"""


class DuskClock(SystemClock):
    """A quarter of an hour after the close of the recorded day; monotonic time goes on."""

    def now_ms(self) -> int:
        return at("15:45", DAY)


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpService]:
    with HttpService() as service:
        monkeypatch.setenv("PHONE_URL", f"json://{service.host}/")
        yield service


@pytest.fixture
def config(tmp_path: Path, phone: HttpService) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, "utf-8")
    store = Store(load(path).state_directory, ClockByHand())
    store.start()
    store.write_bars([(name, bar) for name in NAMES for bar in real_bars()[name]])
    store.stop()
    return path


@pytest.fixture
def done() -> Iterator[threading.Event]:
    """Set when the evening has said what came of the reconciliation, its last piece of work."""
    event = threading.Event()
    sink = logger.add(lambda line: event.set() if "reconcile:" in line else None)
    yield event
    logger.remove(sink)


def system_of(config: Path, *, data_clock: bool) -> tuple[Settings, System]:
    settings = load(config)
    watched = {key: instrument(name) for key, name in enumerate(NAMES)}
    return settings, System(settings, watched, DuskClock(), lambda *_: [], data_clock=data_clock, config=config)


def evening_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "evening"]


def test_after_the_close_the_day_is_archived_by_itself_and_people_are_told_of_it(
    config: Path, done: threading.Event, phone: HttpService, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("evening.evening.SETTLED_S", 0.0)
    monkeypatch.setattr("evening.evening.LOOK_S", 0.01)
    settings, system = system_of(config, data_clock=False)
    system.start()
    assert done.wait(60)
    phone.wait_for(1)
    system.stop()
    (told,) = phone.requests
    assert told.json["title"] == "Closed 30 Sep 2016: 0 entries, 0 exits"
    assert told.json["lines"] == ["Candles: not compared with the broker's: " + COMPLAINT]
    table = read_day(archive_path(settings.state_directory, DAY))
    assert table.num_rows == sum(len(real_bars()[name]) for name in NAMES)
    assert evening_threads() == []


def test_a_start_in_the_evening_leaves_it_for_later_and_can_be_stopped(config: Path):
    settings, system = system_of(config, data_clock=False)
    system.start()
    assert evening_threads() == ["evening"]
    system.stop()
    assert evening_threads() == []
    assert not archive_path(settings.state_directory, DAY).exists()


def test_a_session_that_is_played_has_no_evening(config: Path):
    _, system = system_of(config, data_clock=True)
    system.start()
    assert evening_threads() == []
    system.stop()
