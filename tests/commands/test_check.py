from pathlib import Path

import pytest

from commands.check import check

MASTER = Path(__file__).parents[2] / "simulator/data/scrip-master.csv"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A live configuration without credentials, the instruments from a file."""
    monkeypatch.delenv("DHAN_CLIENT_ID", raising=False)
    monkeypatch.delenv("DHAN_ACCESS_TOKEN", raising=False)
    file = tmp_path / "config.toml"
    file.write_text(f'[feed]\nsource = "dhan"\n[dhan]\ninstruments = "{MASTER.as_posix()}"\n')
    return file


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was printed."""
    return capsys.readouterr().out.splitlines()


def test_every_fault_of_the_settings_is_printed_and_the_code_is_78(config: Path, capsys: pytest.CaptureFixture[str]):
    config.write_text('[feed]\ngrace_ms = "fast"\n\n[[strategy]]\nname = "ema_vwap"\ncooldwn_bars = 3\n')
    assert check(config) == 78
    assert lines(capsys) == [
        f'{config}:2: feed.grace_ms: expected a whole number from 0 to 30000, got "fast"',
        f"{config}:6: strategy[0].cooldwn_bars: unknown key; did you mean cooldown_bars?",
    ]


def test_a_file_that_is_not_there_is_one_line(config: Path, capsys: pytest.CaptureFixture[str]):
    assert check(config.with_name("nowhere.toml")) == 78
    assert lines(capsys) == [f"{config.with_name('nowhere.toml')}: cannot be read: No such file or directory"]


def test_missing_credentials_are_printed_with_all_that_is_fine_and_the_code_is_77(
    config: Path, capsys: pytest.CaptureFixture[str]
):
    assert check(config) == 77
    printed = lines(capsys)
    assert printed[0] == f"ok     settings     {config}"
    assert [line for line in printed if line.startswith("FAULT")] == [
        "FAULT  credentials  client id: the environment variable DHAN_CLIENT_ID is not set",
        "FAULT  credentials  access token: the environment variable DHAN_ACCESS_TOKEN is not set",
    ]
    assert printed[-1] == "ok     instruments  166 of 166 listed are watched"


def test_an_unknown_symbol_weighs_more_than_missing_credentials(config: Path, capsys: pytest.CaptureFixture[str]):
    config.write_text(config.read_text() + '[universe]\nnames = ["NSE:RELAINCE"]\n')
    assert check(config) == 78
    assert (
        "FAULT  instruments  universe.names: NSE:RELAINCE is not listed; did you mean NSE:RELIANCE or NSE:RELINFRA?"
        in lines(capsys)
    )


def test_what_ships_is_ready_to_run(config: Path, capsys: pytest.CaptureFixture[str]):
    config.write_text("")
    assert check(config) == 0
    assert not [line for line in lines(capsys) if line.startswith("FAULT")]
