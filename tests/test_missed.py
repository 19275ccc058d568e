"""A restart in the middle of the session: what was missed meanwhile is found again, and said once."""

import json
from collections.abc import Callable, Iterator
from copy import copy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from brokers.dhan import DhanBroker
from brokers.dhan.instruments import read_master
from market.clock import SystemClock
from market.days import midnight_before
from settings.schema import Channel, Control, Settings, Simulator
from settings.schema import Store as StoreSettings
from signals.record import epoch_ms
from simulator.dhan_rest import rest_of
from simulator.rest import RestService
from simulator.session_file import load_session
from store.store import Store
from system import System
from tests.factories import at, real_bars
from tests.loopback_services import HttpService

DAY = date(2016, 9, 30)
SYMBOLS = tuple(sorted(real_bars()))[:12]
GONE, BACK = "10:02", "10:07"
TURN_S, PATIENCE_TURNS = 0.02, 3000


class StoppedClock(SystemClock):
    """Some seconds after a time of the recorded day; monotonic time goes on."""

    def __init__(self, clock: str) -> None:
        self._ms = at(clock, DAY) + 5_000

    def now_ms(self) -> int:
        return self._ms


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpService]:
    with HttpService() as service:
        monkeypatch.setenv("PHONE_URL", f"json://{service.host}/")
        yield service


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        simulator=Simulator(market_clock="wall"),
        channel=(
            Channel(name="phone", kind="apprise", url_env="PHONE_URL"),
            Channel(name="signals", kind="jsonl", path=tmp_path / "signals.jsonl"),
        ),
        store=StoreSettings(directory=tmp_path / "state"),
        control=Control(port=0),
    )


class Broker:
    """Its candles, as far as the market is at a time of the day."""

    def __init__(self) -> None:
        self._session = load_session(Simulator().session)
        self.clock = StoppedClock(GONE)
        listings = read_master(Simulator().instruments)
        self.instruments = {each.key: each.instrument for each in listings if each.instrument.symbol in SYMBOLS}
        self.service = RestService(rest_of(self._session, listings, self._played))

    def _played(self) -> int:
        return int(np.searchsorted(self._session.due_ms, self.clock.now_ms()))


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    with broker.service:
        yield broker


def watched(settings: Settings) -> None:
    """What a run from before the open until `GONE` leaves of its candles."""
    store = Store(settings.state_directory, SystemClock())
    store.start()
    store.watch(midnight_before(at(GONE, DAY)), at("09:00", DAY))
    for symbol in SYMBOLS:
        for bar in real_bars()[symbol]:
            if bar.start_ms < at(GONE, DAY):
                seen = copy(bar)
                seen.last_ms -= 1000
                store.write_bars([(symbol, seen)])
    store.stop()


def run(settings: Settings, broker: Broker, clock: str, is_done: Callable[[System], bool]) -> None:
    """The program at a time of the day, until it is done."""
    broker.clock = wall = StoppedClock(clock)
    history = DhanBroker.simulated(settings, "ws://127.0.0.1:9", broker.service.url).history(wall)
    system = System(settings, broker.instruments, wall, lambda *_: [], data_clock=False, history=history)
    system.start()
    for _ in range(PATIENCE_TURNS):
        if is_done(system):
            break
        system.over.wait(TURN_S)
    system.stop()


def records(settings: Settings) -> list[dict[str, Any]]:
    store = Store(settings.state_directory, SystemClock())
    store.start()
    found = [json.loads(record) for record in store.transitions()]
    store.stop()
    return found


def test_after_a_restart_one_message_tells_what_was_missed_and_only_what_is_still_open_is_sent(
    settings: Settings, broker: Broker, phone: HttpService
):
    watched(settings)
    run(settings, broker, GONE, lambda system: system.answers.warm == len(SYMBOLS) and not system.history_left)
    before = {record["id"] for record in records(settings)}
    phone.requests.clear()

    run(settings, broker, BACK, lambda _system: any(b"Down" in request.body for request in phone.requests))

    notices = [request.json for request in phone.requests if request.json["type"] == "NOTICE"]
    sent = {request.json["id"]: request.json for request in phone.requests if request.json["type"] != "NOTICE"}
    found = [record for record in records(settings) if record["id"] not in before]
    entries = [record for record in found if record["type"] == "ENTRY"]
    closed = {record["state_id"] for record in found if record["type"] == "EXIT"}
    still_open = [record for record in entries if record["id"] not in closed]
    assert entries
    assert still_open
    assert len(still_open) < len(entries)
    (notice,) = notices
    assert notice["title"] == (
        f"Down 10:02\N{EN DASH}10:07. Missed {len(entries)} entries: {len(still_open)} still open (sent as LATE),"
        f" {len(entries) - len(still_open)} already closed."
    )
    assert all(at(GONE, DAY) < epoch_ms(record["time"]) <= at(BACK, DAY) for record in entries)
    assert {record["id"] for record in still_open} <= sent.keys()
    assert not {record["id"] for record in entries if record["id"] in closed} & sent.keys()
    assert all(sent[record["id"]]["quality"]["late"] for record in still_open)
    assert all(sent[record["id"]]["quality"]["price_now"] > 0 for record in still_open)
