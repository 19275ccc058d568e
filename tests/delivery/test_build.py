from pathlib import Path

import pytest

from delivery.build import build_channels, stop_channels
from errors import CredentialsError, SettingsError
from settings.schema import Channel
from store.store import Store
from tests.transitions import HandClock, Told, entry, raised


def test_each_configured_channel_is_built_and_together_they_start_and_stop(
    store: Store, clock: HandClock, health: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOOK", "jsons://example.com/hook")
    address = tmp_path / "phone.url"
    address.write_text("tgram://123456789:AbCdEfGhIjKlMnOpQrStUvWxYz012345678/1001\n")
    address.chmod(0o600)
    channels = build_channels(
        [
            Channel(name="screen", kind="console"),
            Channel(name="lines", kind="jsonl", path=tmp_path / "signals.jsonl"),
            Channel(name="sheet", kind="csv", path=tmp_path / "signals.csv"),
            Channel(name="hook", kind="apprise", url_env="HOOK"),
            Channel(name="phone", kind="apprise", url_file=address),
        ],
        store,
        clock,
        health,
    )
    assert [channel.name for channel in channels] == ["screen", "lines", "sheet", "hook", "phone"]
    store.write_transition(raised(entry()), ("lines", "sheet"), lambda: None)
    store.flush(10)
    for channel in channels:
        channel.start()
    assert stop_channels(channels, 10) == []
    assert len((tmp_path / "signals.jsonl").read_text().splitlines()) == 1
    assert len((tmp_path / "signals.csv").read_text().splitlines()) == 2


def test_every_channel_at_fault_is_named(store: Store, clock: HandClock, health: Told, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAD", "nonsense://x")
    monkeypatch.delenv("UNSET", raising=False)
    bad, unset = Channel(name="bad", kind="apprise", url_env="BAD"), Channel(name="u", kind="apprise", url_env="UNSET")
    with pytest.raises(SettingsError) as settings:
        build_channels([bad, unset, Channel(name="nowhere", kind="jsonl")], store, clock, health)
    assert [fault.split(":")[0] for fault in settings.value.faults] == ["channel bad", "channel nowhere", "channel u"]
    with pytest.raises(CredentialsError, match="channel u: the environment variable UNSET is not set"):
        build_channels([unset], store, clock, health)
    with pytest.raises(SettingsError, match="needs url_env or url_file"):
        build_channels([Channel(name="x", kind="apprise")], store, clock, health)
