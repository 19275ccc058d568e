import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.debug import debug
from control.json_values import to_json
from control.server import ControlServer
from errors import InputError, UnavailableError
from tests.commands.conftest import run_py
from tests.symbol_views import near_view, symbol_view

SYMBOLS = ("NSE:RELIANCE", "NSE:M&M", "NSE:TCS")


@pytest.fixture
def running(config: Path) -> Iterator[ControlServer]:
    server = ControlServer(
        port=0,
        directory=config.parent / "state" / "simulator",
        inspect=lambda symbol: symbol_view() if symbol == "NSE:M&M" else None,
        health=dict,
        symbols=lambda: SYMBOLS,
        signals=tuple,
        strategies=lambda: ("ema_vwap", "opening_range"),
        near=lambda strategy, top: near_view(strategy or "ema_vwap", top),
        reload=tuple,
    )
    server.start()
    yield server
    server.stop()


def test_the_screen_shows_the_symbol_its_bars_and_its_conditions(running: ControlServer, config: Path) -> None:
    ended = run_py("debug", "m&m", "--config", str(config))
    assert (ended.returncode, ended.stderr) == (0, "")
    for part in (
        "NSE:M&M  ₹3,012.50  traded 10:30:58, 3.1 s ago",
        "10:30 open     3,011.90  3,013.35  3,010.75  3,012.50  30,740",
        "✗ close > vwap     3,011.90  3,012.95    0.03%",
        "opening_range v2 · 5m  COOLDOWN, 3 bars left",
    ):
        assert part in ended.stdout


def test_json_is_exactly_what_the_program_gave(
    running: ControlServer, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert debug("NSE:M&M", config, as_json=True) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == to_json(symbol_view())
    assert printed.count("\n") == 1


def test_an_unknown_symbol_is_one_line_with_the_nearest_names(running: ControlServer, config: Path) -> None:
    ended = run_py("debug", "NSE:RELIANC", "--config", str(config))
    assert ended.returncode == 65
    assert ended.stderr == "NSE:RELIANC is not watched; did you mean NSE:RELIANCE?\n"
    assert ended.stdout == ""


def test_a_symbol_near_to_nothing_is_one_line_too(running: ControlServer, config: Path) -> None:
    with pytest.raises(InputError) as refused:
        debug("ZZZZ\x1b[2J\n", config, as_json=False)
    assert str(refused.value) == "ZZZZ\\x1b[2J\\n is not watched"


def test_a_symbol_that_does_not_answer_is_said_so(running: ControlServer, config: Path) -> None:
    with pytest.raises(UnavailableError, match="NSE:TCS does not answer; see the log"):
        debug("TCS", config, as_json=True)


def test_without_a_running_program_one_line_says_how_to_start_it(config: Path) -> None:
    ended = run_py("debug", "NSE:RELIANCE", "--config", str(config))
    assert ended.returncode == 75
    assert re.fullmatch(r"nothing is running on .*simulator; start it first: python run\.py\n", ended.stderr)


def test_after_a_crash_one_line_says_that_the_program_is_gone(running: ControlServer, config: Path) -> None:
    left = config.parent / "state" / "simulator" / "control.json"
    stale = left.read_text()
    running.stop()
    left.write_text(stale)
    ended = run_py("debug", "NSE:RELIANCE", "--config", str(config))
    left.unlink()
    running.start()
    assert ended.returncode == 75
    assert "is gone; start it first: python run.py" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_terminal_that_cannot_write_rupees_still_gets_the_screen(running: ControlServer, config: Path) -> None:
    ended = run_py("debug", "NSE:M&M", "--config", str(config), PYTHONIOENCODING="ascii")
    assert ended.returncode == 0
    assert "NSE:M&M  ?3,012.50" in ended.stdout


def test_a_program_of_another_version_is_told_from_a_fault(config: Path, tmp_path: Path) -> None:
    class Older(ControlServer):
        """Its views lack what this version shows."""

    server = Older(
        port=0,
        directory=tmp_path / "state" / "simulator",
        inspect=lambda _symbol: {"symbol": "NSE:TCS"},  # type: ignore[arg-type, return-value]
        health=dict,
        symbols=lambda: SYMBOLS,
        signals=tuple,
        strategies=lambda: ("ema_vwap", "opening_range"),
        near=lambda strategy, top: near_view(strategy or "ema_vwap", top),
        reload=tuple,
    )
    server.start()
    with pytest.raises(UnavailableError, match="another version of this program is running; restart it"):
        debug("TCS", config, as_json=False)
    server.stop()
