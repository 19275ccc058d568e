import logging
import os
from pathlib import Path

import pytest

from errors import CredentialsError
from settings.secrets import Secret, from_file, from_variable, looks_like_secret

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    return file


def test_a_secret_shows_nothing_however_it_is_printed(caplog: pytest.LogCaptureFixture):
    secret = Secret(TOKEN)
    logging.getLogger("test").error("%s %r", secret, [secret])
    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
    assert TOKEN not in caplog.text
    assert secret.reveal() == TOKEN
    assert secret == Secret(TOKEN)
    assert secret != Secret("other")


def test_a_variable_is_read_without_the_white_space_that_copying_adds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("A_TOKEN", f"  {TOKEN}\n")
    assert from_variable("A_TOKEN").reveal() == TOKEN


@pytest.mark.parametrize(("value", "state"), [(None, "not set"), ("  ", "empty")])
def test_a_variable_without_a_value_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None, state: str):
    monkeypatch.delenv("A_TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("A_TOKEN", value)
    with pytest.raises(CredentialsError, match=f"^the environment variable A_TOKEN is {state}$"):
        from_variable("A_TOKEN")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read(token_file: Path, mode: int):
    token_file.chmod(mode)
    assert from_file(token_file).reveal() == TOKEN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o660, 0o644, 0o700, 0o601])
def test_a_file_that_others_may_touch_is_refused_with_the_command_that_mends_it(token_file: Path, mode: int):
    token_file.chmod(mode)
    with pytest.raises(CredentialsError, match=f"mode {mode:04o}.*run: chmod 600 {token_file}$") as refusal:
        from_file(token_file)
    assert TOKEN not in str(refusal.value)


def test_a_link_is_as_private_as_what_it_leads_to(token_file: Path):
    link = token_file.with_name("link")
    link.symlink_to(token_file)
    assert from_file(link).reveal() == TOKEN
    token_file.chmod(0o644)
    with pytest.raises(CredentialsError, match="chmod 600"):
        from_file(link)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(token_file: Path):
    os.chown(token_file, 12345, 12345)
    with pytest.raises(CredentialsError, match="belongs to another user; run: chown 0 "):
        from_file(token_file)


def test_what_is_no_readable_text_is_refused_in_one_line(tmp_path: Path, token_file: Path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    faults = {}
    for name, content in {"empty": b"\n", "binary": b"\xff\xfe\x00", "long": b"x" * 70_000}.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    for name in ("nowhere", "pipe", "empty", "binary", "long", ""):
        with pytest.raises(CredentialsError) as refusal:
            from_file(tmp_path / name)
        faults[name] = str(refusal.value).removeprefix(f"{tmp_path / name}: ")
    assert faults == {
        "": "Is a directory",
        "pipe": "not a regular file",
        "nowhere": "No such file or directory",
        "empty": "the file is empty",
        "binary": "not a text file",
        "long": "far too long for a secret",
    }


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"wss://api-feed.dhan.co?version=2&token={TOKEN}",
        "https://example.com/?access_token=1",
        "https://example.com/?api_key=1",
        "tgram://123456789:AAF1-abcdefghijklmnopqrstuvwxyz12345/4711",
        "123456789:AAF1-abcdefghijklmnopqrstuvwxyz12345",
        "mailtos://me:pass@gmail.com",
        "slack://a/b/c/alerts",
        "json://localhost/path",
        "https://hooks.slack.com/services/T000/B000/XXXX",
        "https://discord.com/api/webhooks/123456/abc",
        "https://me:pass@example.com/",
        "Bearer abc",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_tokens_passwords_and_channel_addresses_look_like_secrets(text: str):
    assert looks_like_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "simulator",
        "NSE:NIFTY 50",
        "DHAN_ACCESS_TOKEN",
        "wss://api-feed.dhan.co",
        "ws://127.0.0.1:8080/",
        "https://api.dhan.co/v2",
        "https://images.dhan.co/api-data/api-scrip-master-detailed.csv",
        "simulator/data/nse166_1m_20160930.csv.gz",
        "/srv/Bellwether/Recorded/Session20160930/nse166_1m_20160930.csv.gz",
        r"C:\Users\Trader\Documents\Bellwether\state2026",
        "1.5 atr",
        "a_name_of_many_letters_and_no_digit_at_all",
        "",
    ],
)
def test_ordinary_settings_do_not_look_like_secrets(text: str):
    assert not looks_like_secret(text)
