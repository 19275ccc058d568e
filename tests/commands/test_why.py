import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from commands.why import why
from commands.why_screen import why_screen
from control.server import ControlServer
from control.why import WhyView
from control.why import why as told
from errors import InputError
from signals.signal import Condition
from tests.commands.conftest import run_py
from tests.symbol_views import near_view, silent_view, symbol_view


@pytest.fixture
def running(config: Path) -> Iterator[ControlServer]:
    server = ControlServer(
        port=0,
        directory=config.parent / "state" / "simulator",
        inspect=lambda symbol: symbol_view() if symbol == "NSE:M&M" else silent_view(symbol),
        health=dict,
        symbols=lambda: ("NSE:M&M", "NSE:TCS"),
        signals=tuple,
        strategies=tuple,
        near=lambda _, top: near_view("ema_vwap", top),
        reload=tuple,
    )
    server.start()
    yield server
    server.stop()


def shown(view: WhyView, width: int = 100) -> str:
    written = io.StringIO()
    Console(file=written, width=width).print(why_screen(view))
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def test_the_first_lines_say_what_is_missing(running: ControlServer, config: Path) -> None:
    ended = run_py("why", "m&m", "--config", str(config))
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [line.rstrip() for line in ended.stdout.splitlines()]
    assert lines[0] == "NSE:M&M  ₹3,012.50  traded 10:30:58, 3.1 s ago"
    assert lines[3] == "nearest to a signal          unmet   away  what is missing"
    assert lines[4] == "ema_vwap 1m          LONG   1 of 4  0.03%  in this signal · close > vwap 0.03%"
    assert lines[5].startswith("ema_vwap 1m          SHORT  3 of 4  0.68%  in a LONG signal · close < ema(9) 0.13% · ")


def test_json_has_each_condition_with_both_sides_margin_and_distance(
    running: ControlServer, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert why("NSE:M&M", config, as_json=True) == 0
    answer = json.loads(capsys.readouterr().out)
    first = answer["sides"][0]
    assert (first["strategy"], first["direction"], first["state"], first["unmet"]) == (
        "ema_vwap",
        "LONG",
        "IN_SIGNAL",
        1,
    )
    assert first["blocked"] == ["in this signal"]
    assert first["conditions"][-1] == {
        "text": "close > vwap",
        "left": 3011.9,
        "right": 3012.95,
        "margin_percent": pytest.approx(-0.0348, abs=1e-4),
        "distance_percent": 0.0348,
        "ok": False,
        "parts": [],
    }
    assert [side["strategy"] for side in answer["sides"]] == ["ema_vwap", "ema_vwap", "opening_range"]


def test_a_symbol_that_is_not_watched_is_told_with_the_nearest(running: ControlServer, config: Path) -> None:
    with pytest.raises(InputError, match="NSE:TSC is not watched; did you mean NSE:TCS"):
        why("NSE:TSC", config, as_json=False)


@pytest.mark.parametrize("width", [80, 100])
def test_every_line_fits(width: int) -> None:
    assert max(map(len, shown(told(symbol_view()), width).splitlines())) <= width


def test_a_strategy_of_which_something_is_not_known_comes_after_those_of_which_all_is() -> None:
    view = symbol_view()
    ready, _ = view.strategies
    unknown = (Condition("close > ema(200)", 3011.9, float("nan"), ok=None),)
    cold = replace(
        ready, name="cold", state="IDLE", conditions={"LONG": unknown}, sides=(replace(ready.sides[0], unmet=()),)
    )
    answer = told(replace(view, strategies=(cold, ready)))
    assert [side.strategy for side in answer.sides] == ["ema_vwap", "ema_vwap", "cold"]
    assert "? close > ema(200)  3,011.90        —        —" in shown(answer)


def test_what_a_condition_is_made_of_stands_below_it_and_does_not_count() -> None:
    view = symbol_view()
    parts = (
        Condition("close > vwap", 3011.9, 3012.95, ok=False),
        Condition("close > ema(9)", 3011.9, 3008.12, ok=True),
    )
    either = Condition("close > vwap or close > ema(9)", float("nan"), float("nan"), ok=True, parts=parts)
    screen = shown(told(replace(view, strategies=(replace(view.strategies[0], conditions={"LONG": (either,)}),))))
    assert "ema_vwap v1 · 1m LONG  in signal  1 of 1 true" in screen
    assert "\n  ✗ close > vwap " in screen
    assert "\n  ✓ close > ema(9) " in screen


def test_strategies_for_other_symbols_and_a_symbol_without_any_are_told() -> None:
    view = replace(silent_view("NSE:TCS"), unasked=("eod_breakout (only MCX:*)",))
    screen = shown(told(view))
    assert "No strategy is for this symbol" in screen
    assert "not for this symbol: eod_breakout (only MCX:*)" in screen
