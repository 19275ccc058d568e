import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pykka
import pytest

from actors.alert_actor import AlertActor
from actors.messages import CaughtUp, ChannelStatus, Raised, Resumed, Watch
from settings.schema import Alerts
from settings.strategy_schema import StrategySettings
from signals.signal import Quality, Transition
from store.store import Store
from tests.transitions import HandClock, Told, at, entry, exit_of, raised

Start = Callable[..., "pykka.ActorRef[Any]"]


class Door:
    """A channel that looks into the store when it is woken."""

    def __init__(self, name: str, store: Store) -> None:
        self.name = name
        self.announces = name == "phone"
        self.notices: list[str] = []
        self.symbols: list[str] = []
        self.woken = threading.Semaphore(0)
        self._store = store
        self._last = 0

    def wake(self) -> None:
        for row in self._store.pending(self.name, self._last, 1000):
            self._last = row.outbox_id
            record = json.loads(row.record)
            if row.is_notice:
                self.notices.append(record["title"])
            else:
                self.symbols.append(record["symbol"])
        self.woken.release()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def health() -> Told:
    return Told()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[Store]:
    store = Store(tmp_path / "state", clock)
    store.start()
    yield store
    store.stop()


@pytest.fixture
def doors(store: Store) -> list[Door]:
    return [Door("phone", store), Door("mail", store)]


@pytest.fixture
def start(store: Store, doors: list[Door], health: Told) -> Iterator[Start]:
    started: list[pykka.ActorRef[Any]] = []

    def start(alerts: Alerts | None = None, *strategies: StrategySettings) -> "pykka.ActorRef[Any]":
        started.append(AlertActor.start(store, alerts or Alerts(), doors, health, strategies))
        return started[-1]

    yield start
    for ref in started:
        if ref.is_alive():
            ref.stop()


def test_every_channel_finds_a_signal_once_it_is_committed(start: Start, doors: list[Door]):
    alerts = start()
    alerts.tell(raised(entry()))
    for door in doors:
        assert door.woken.acquire(timeout=20)
        assert door.symbols == ["NSE:M&M"]


def test_stopping_waits_for_the_last_commit(start: Start, doors: list[Door], store: Store):
    alerts = start()
    for n in range(300):
        alerts.tell(raised(entry(f"NSE:S{n}")))
    alerts.stop()
    assert len(list(store.transitions())) == 300
    assert [len(door.symbols) for door in doors] == [300, 300]


def test_a_repeat_is_recorded_and_not_sent_and_neither_is_its_exit(start: Start, doors: list[Door], store: Store):
    alerts = start()
    first, again = entry(time="10:31"), entry(time="10:33")
    sequence = [
        first,
        exit_of(first, time="10:32", price=3011.0),
        again,
        exit_of(again, time="10:34", price=3011.0),
        entry(time="10:37"),
    ]
    for transition in sequence:
        alerts.tell(raised(transition))
    alerts.stop()
    assert len(list(store.transitions())) == 5
    sent = [json.loads(row.record)["id"] for row in store.pending("phone", 0, 10)]
    assert sent == [sequence[0].id, sequence[1].id, sequence[4].id]


def test_a_strategy_has_its_own_say_in_what_is_a_repeat(start: Start, doors: list[Door], store: Store):
    alerts = start(None, StrategySettings(name="confluence", repeat_minutes=2.0))
    sequence = [entry(strategy=name, time=time) for name in ("confluence", "ema_vwap") for time in ("10:31", "10:33")]
    for transition in sequence:
        alerts.tell(raised(transition))
    alerts.stop()
    sent = [json.loads(row.record)["id"] for row in store.pending("phone", 0, 10)]
    assert sent == [each.id for each in sequence[:3]]


def test_a_signal_raised_again_is_sent_once(start: Start, doors: list[Door], store: Store):
    alerts = start()
    for _ in range(3):
        alerts.tell(raised(entry()))
    alerts.stop()
    assert len(list(store.transitions())) == 1
    assert doors[0].symbols == ["NSE:M&M"]


def late(transition: Transition) -> Raised:
    return raised(replace(transition, quality=Quality(late=True)))


def test_a_late_entry_that_is_still_open_is_sent_with_the_price_of_now(start: Start, doors: list[Door], store: Store):
    alerts = start()
    alerts.tell(late(entry("NSE:A")))
    alerts.tell(late(entry("NSE:B")))
    alerts.tell(CaughtUp({"NSE:A": 3020.5, "NSE:C": 7.0}))
    alerts.stop()
    assert [json.loads(record)["symbol"] for record in store.transitions()] == ["NSE:A"]
    (row,) = store.pending("phone", 0, 10)
    assert json.loads(row.record)["quality"] == {
        "warm": True, "partial": False, "late": True, "age_ms": 0, "price_now": 3020.5,
    }  # fmt: skip


def test_a_late_entry_that_is_closed_already_is_recorded_with_its_exit_and_neither_is_sent(start: Start, store: Store):
    alerts = start()
    closed = entry()
    alerts.tell(late(closed))
    alerts.tell(late(exit_of(closed, time="10:34", price=3042.65)))
    alerts.tell(CaughtUp({"NSE:M&M": 3020.5}))
    alerts.stop()
    assert [json.loads(record)["type"] for record in store.transitions()] == ["ENTRY", "EXIT"]
    assert [row.state["state"] for row in store.machines()] == ["COOLDOWN"]
    assert store.pending("phone", 0, 10) == []


def test_the_late_exit_of_an_entry_that_was_sent_is_sent(start: Start, store: Store):
    alerts = start()
    alerts.tell(raised(entry()))
    alerts.tell(late(exit_of(entry(), time="10:34", price=3042.65)))
    alerts.stop()
    assert [json.loads(row.record)["type"] for row in store.pending("phone", 0, 10)] == ["ENTRY", "EXIT"]


def test_an_end_before_a_symbol_has_caught_up_leaves_its_late_entry_to_the_next_start(start: Start, store: Store):
    alerts = start()
    alerts.tell(late(entry()))
    alerts.stop()
    assert list(store.transitions()) == []
    again = start()
    again.tell(late(entry()))
    again.tell(CaughtUp({"NSE:M&M": 3020.5}))
    again.stop()
    assert len(store.pending("phone", 0, 10)) == 1


def test_what_was_missed_while_down_is_said_once_and_only_where_notices_go(start: Start, doors: list[Door]):
    alerts = start()
    for symbol in ("NSE:A", "NSE:B", "NSE:C"):
        alerts.tell(late(entry(symbol)))
    alerts.tell(late(exit_of(entry("NSE:B"), time="10:34", price=3042.65)))
    alerts.tell(CaughtUp({"NSE:A": 1.0, "NSE:B": 1.0, "NSE:C": 1.0}))
    for _ in range(2):
        alerts.tell(Resumed(at("10:29"), at("10:36:20"), 0))
    alerts.stop()
    assert [door.notices for door in doors] == [
        ["Down 10:29\N{EN DASH}10:36. Missed 3 entries: 2 still open (sent as LATE), 1 already closed."],
        [],
    ]


def test_decisions_hold_over_a_restart(start: Start, doors: list[Door], store: Store, clock: HandClock):
    first = start()
    first.tell(raised(entry(time="10:31")))
    kept = entry(time="10:32")
    first.tell(raised(kept))
    first.stop()
    clock.advance(120)
    second = start()
    for transition in (entry(time="10:31"), kept, entry(time="10:34"), exit_of(kept, time="10:35", price=3011.0)):
        second.tell(raised(transition))
    second.stop()
    assert len(list(store.transitions())) == 4
    assert len(store.pending("phone", 0, 10)) == 1


def test_how_soon_and_how_near_a_repeat_is_comes_from_the_settings(start: Start, store: Store):
    alerts = start(Alerts(repeat_minutes=0.0))
    alerts.tell(raised(entry(time="10:31")))
    alerts.tell(raised(entry(time="10:32")))
    alerts.stop()
    assert len(store.pending("phone", 0, 10)) == 2


def test_health_is_told_which_heartbeat_to_watch(start: Start, health: Told):
    start().stop()
    (watch,) = health
    assert isinstance(watch, Watch)
    assert [heartbeat.name for heartbeat in watch.heartbeats] == ["alerts"]
    assert watch.heartbeats[0].backlog() == 0


def test_health_is_told_when_no_alert_can_be_sent_any_more(tmp_path: Path, clock: HandClock, health: Told):
    store = Store(tmp_path / "other", clock)
    store.start()
    alerts = AlertActor.start(store, Alerts(), [], health)
    store.stop()
    alerts.tell(raised(entry()))
    assert alerts.actor_stopped.wait(20)
    (trouble,) = [message for message in health if isinstance(message, ChannelStatus)]
    assert (trouble.channel, trouble.ok) == ("alerts", False)
    assert "the store is stopped" in trouble.detail
