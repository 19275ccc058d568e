"""Channels come and go while alerts are under way, with a real store and a real alert actor."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.alert_actor import AlertActor
from actors.messages import ChannelGone, Watch
from delivery.build import build_channels, stop_channels
from delivery.channel import Channel
from errors import CredentialsError
from market.clock import SystemClock
from reloading.phone import Phone
from settings import schema
from settings.schema import Alerts, Settings
from store.store import Store
from tests.transitions import Told, entry, exit_of, raised


class Office:
    """The phone of a running program."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self.directory, self.settings, self.clock, self.health = directory, settings, SystemClock(), Told()
        self.store = Store(directory / "state", self.clock)
        self.store.start()
        self.channels: list[Channel] = build_channels(settings.channel, self.store, self.clock, self.health)
        for channel in self.channels:
            channel.start()
        self.alerts = AlertActor.start(self.store, settings.alerts, self.channels, self.health)
        self._phone = Phone(self.channels, self.store, self.clock, self.alerts, self.health)

    def change(self, new: Settings) -> dict[str, int]:
        unsent = self._phone.change(new, self._phone.build(self.settings, new))
        self.settings = new
        return unsent

    def tell(self, *transitions: Any) -> None:
        for transition in transitions:
            self.alerts.tell(raised(transition))

    def close(self) -> None:
        if self.alerts.is_alive():
            self.alerts.stop(timeout=10)
            assert stop_channels(self.channels, 10) == []
            self.store.stop()

    def symbols(self, name: str) -> list[str]:
        file = self.directory / f"{name}.jsonl"
        return [json.loads(line)["symbol"] for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    running = Office(tmp_path, settings(tmp_path, "phone", "desk"))
    yield running
    running.close()


def settings(directory: Path, *names: str, **changes: Any) -> Settings:
    channels = tuple(schema.Channel(name=name, kind="jsonl", path=directory / f"{name}.jsonl") for name in names)
    return Settings(channel=channels, **changes)


def test_a_new_channel_gets_what_comes_from_then_on_and_a_removed_one_what_came_before(
    office: Office, tmp_path: Path
) -> None:
    kept = office.channels[1]
    office.tell(entry("NSE:TCS"))
    assert office.change(settings(tmp_path, "desk", "mail")) == {}
    assert office.channels[0] is kept
    office.tell(entry("NSE:INFY"))
    office.close()
    assert office.symbols("phone") == ["NSE:TCS"]
    assert office.symbols("desk") == ["NSE:TCS", "NSE:INFY"]
    assert office.symbols("mail") == ["NSE:INFY"]


def test_what_a_removed_channel_could_not_send_is_told_and_sent_when_it_is_there_again(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "phone.jsonl").mkdir()  # nothing can be written there
    office.tell(entry("NSE:TCS"), entry("NSE:INFY"))
    assert office.change(settings(tmp_path, "desk")) == {"phone": 2}
    (tmp_path / "phone.jsonl").rmdir()
    assert office.change(settings(tmp_path, "desk", "phone")) == {}
    office.close()
    assert office.symbols("phone") == ["NSE:TCS", "NSE:INFY"]


def test_a_changed_channel_goes_on_with_what_waits_for_it(office: Office, tmp_path: Path) -> None:
    (tmp_path / "phone.jsonl").mkdir()
    office.tell(entry("NSE:TCS"))
    elsewhere = schema.Channel(name="phone", kind="jsonl", path=tmp_path / "elsewhere.jsonl")
    new = settings(tmp_path, "desk")
    assert office.change(new.model_copy(update={"channel": (elsewhere, *new.channel)})) == {}
    office.tell(entry("NSE:INFY"))
    office.close()
    assert office.symbols("elsewhere") == ["NSE:TCS", "NSE:INFY"]
    assert office.symbols("desk") == ["NSE:TCS", "NSE:INFY"]


def test_nobody_watches_over_a_removed_channel(office: Office, tmp_path: Path) -> None:
    phone = office.channels[0]
    office.change(settings(tmp_path, "desk", "mail"))
    assert ChannelGone((("phone", phone.heartbeat),)) in office.health
    assert Watch((office.channels[1].heartbeat,)) in office.health


def test_what_repeats_an_alert_changes_and_what_was_decided_holds(office: Office, tmp_path: Path) -> None:
    first = entry("NSE:TCS", time="10:31")
    office.tell(first)
    office.change(settings(tmp_path, "phone", "desk", alerts=Alerts(repeat_minutes=0)))
    office.tell(exit_of(first, time="10:32", price=3020.0), entry("NSE:TCS", time="10:33"))
    office.close()
    assert len(office.symbols("desk")) == 3


def test_a_channel_without_its_secret_is_refused_before_anything_changes(office: Office, tmp_path: Path) -> None:
    hook = schema.Channel(name="hook", kind="apprise", url_env="NO_SUCH_ADDRESS")
    new = settings(tmp_path, "desk")
    with pytest.raises(CredentialsError, match="channel hook"):
        office.change(new.model_copy(update={"channel": (*new.channel, hook)}))
    office.tell(entry("NSE:TCS"))
    office.close()
    assert office.symbols("phone") == ["NSE:TCS"]
