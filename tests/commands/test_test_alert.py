import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import test_alert as command
from errors import SettingsError
from tests.loopback_services import Answer, HttpService

SCREEN = '[[channel]]\nname = "screen"\nkind = "console"\n'
LINES = '[[channel]]\nname = "lines"\nkind = "jsonl"\npath = "signals.jsonl"\n'
HOOK = '[[channel]]\nname = "hook"\nkind = "apprise"\nurl_env = "HOOK_URL"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpService]:
    with HttpService() as service:
        monkeypatch.setenv("HOOK_URL", f"json://{service.host}/in/k3yOfTheHook")
        yield service


def test_every_channel_gets_the_test_and_says_that_it_arrived(
    config: Path, hook: HttpService, capsys: pytest.CaptureFixture[str]
):
    config.write_text(SCREEN + LINES + HOOK)
    assert command.test_alert(config) == 0
    printed = capsys.readouterr().out
    assert "🟢 LONG TEST:ALERT ₹100.00 · test_alert · " in printed
    assert printed.count("the test alert arrived") == 3
    (request,) = hook.requests
    (line,) = (config.parent / "signals.jsonl").read_text().splitlines()
    assert request.json == json.loads(line)
    assert request.json["symbol"] == "TEST:ALERT"
    assert [path.name for path in config.parent.iterdir()].count("state") == 0, "the real store is not touched"


def test_a_channel_that_fails_is_explained_and_the_others_get_theirs(
    config: Path, hook: HttpService, capsys: pytest.CaptureFixture[str]
):
    config.write_text(HOOK + LINES)
    hook.answers.append(Answer(404, b'{"error": "no such hook"}'))
    assert command.test_alert(config) == 77
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("hook         did not arrive: HTTP 404: no such hook; ")
    assert "copy its token" in first
    assert "HOOK_URL" in first
    assert "k3yOfTheHook" not in first
    assert second == "lines        the test alert arrived"


def test_an_address_that_is_missing_or_leads_nowhere_is_explained(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    config.write_text(HOOK)
    monkeypatch.delenv("HOOK_URL", raising=False)
    assert command.test_alert(config) == 77
    assert "the environment variable HOOK_URL is not set" in capsys.readouterr().out
    monkeypatch.setenv("HOOK_URL", "tgram://nobody")
    assert command.test_alert(config) == 77
    assert "none that Apprise knows" in capsys.readouterr().out
    monkeypatch.setenv("HOOK_URL", "json://127.0.0.1:1/")
    assert command.test_alert(config) == 77
    assert "cannot connect; nobody answers there" in capsys.readouterr().out


def test_a_configuration_that_cannot_be_read_is_a_settings_error(config: Path):
    config.write_text("[[channel]]\nnmae = 1")
    with pytest.raises(SettingsError):
        command.test_alert(config)
