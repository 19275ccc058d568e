import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from actors.views import NearView
from commands.near import near
from commands.near_screen import near_screen
from control.server import ControlServer
from errors import InputError
from tests.commands.conftest import run_py
from tests.symbol_views import near_view


@pytest.fixture
def running(config: Path) -> Iterator[ControlServer]:
    server = ControlServer(
        port=0,
        directory=config.parent / "state" / "simulator",
        inspect=lambda _: None,
        health=dict,
        symbols=tuple,
        signals=tuple,
        strategies=lambda: ("ema_vwap",),
        near=lambda strategy, top: near_view(strategy or "ema_vwap", top),
        reload=tuple,
    )
    server.start()
    yield server
    server.stop()


def shown(view: NearView, strategy: str | None = "ema_vwap", width: int = 100) -> list[str]:
    written = io.StringIO()
    Console(file=written, width=width).print(near_screen(view, strategy))
    return [line.rstrip() for line in written.getvalue().splitlines()]


def test_the_closest_are_shown_with_what_they_lack(running: ControlServer, config: Path) -> None:
    ended = run_py("near", "ema_vwap", "--config", str(config))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [line.rstrip() for line in ended.stdout.splitlines()] == [
        "Closest to an entry of ema_vwap  market time 10:31:00 · 2,000 symbols",
        "",
        "symbol  side      price   unmet   away  what is missing",
        "M&M     LONG   3,011.90  1 of 4  0.03%  close > vwap 0.03%",
        "TCS     SHORT  4,120.55  2 of 4      —  no entry in the last 10 minutes · in session 09:20-15:00 ·",
        "                                        close > vwap 0.03%",
        "",
        "left out: 12 in a signal, 880 not warm",
    ]


def test_json_is_what_the_program_gave(
    running: ControlServer, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert near(None, 1, config, as_json=True) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["symbol"], row["direction"], row["of"], row["blocked"]) == ("NSE:M&M", "LONG", 4, [])
    assert row["unmet"][0]["condition"]["text"] == "close > vwap"
    assert row["unmet"][0]["distance_percent"] == 0.0348


def test_a_strategy_that_does_not_run_is_told_with_the_nearest_name(running: ControlServer, config: Path) -> None:
    ended = run_py("near", "ema_vwp", "--config", str(config))
    assert ended.returncode == 65
    assert ended.stderr == "no strategy ema_vwp runs; did you mean ema_vwap?\n"


def test_a_number_of_rows_that_makes_no_sense_is_refused(running: ControlServer, config: Path) -> None:
    with pytest.raises(InputError, match="top is a whole number from 1 to 200"):
        near(None, 0, config, as_json=False)


@pytest.mark.parametrize("width", [80, 100])
def test_every_line_fits(width: int) -> None:
    assert max(map(len, shown(near_view("opening_range", 2), None, width))) <= width


def test_nobody_near_is_said_so() -> None:
    assert "Nobody can enter now" in shown(replace(near_view("ema_vwap", 0), left_out={}))
