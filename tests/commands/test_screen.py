import io
from dataclasses import replace
from math import nan

import pytest
from rich.console import Console

from actors.views import SymbolView
from commands.screen import symbol_screen
from signals.signal import Condition
from tests.symbol_views import OPEN_MS, silent_view, symbol_view


def shown(view: SymbolView, width: int = 100) -> str:
    written = io.StringIO()
    Console(file=written, width=width).print(symbol_screen(view))
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


@pytest.mark.parametrize("width", [80, 100, 200])
def test_every_line_fits_and_nothing_is_cut(width: int) -> None:
    screen = shown(symbol_view(), width)
    assert max(map(len, screen.splitlines())) <= width
    assert "…" not in screen
    assert screen.count("✓") == 4
    assert screen.count("✗") == 4


def test_at_a_hundred_columns_the_sides_stand_beside_each_other() -> None:
    (line,) = [line for line in shown(symbol_view()).splitlines() if "ema(9)" in line]
    assert line == "  ✓ close > ema(9)   3,011.90  3,008.12    0.13%    ✗ close < ema(9)   3,011.90  3,008.12    0.13%"


def test_a_running_signal_shows_what_it_brought_and_how_far_its_ends_are() -> None:
    screen = shown(symbol_view())
    assert "ema_vwap v1 · 1m  IN SIGNAL LONG since 10:27 #KZA7  +0.15% so far" in screen
    assert "entry ₹3,008.10 · target ₹3,038.20 (+0.85%) · stop ₹2,993.10 (-0.64%)" in screen


def test_the_levels_of_a_signal_that_is_over_are_not_shown() -> None:
    view = symbol_view()
    idle = replace(view.strategies[0], state="IDLE", state_id=None)
    screen = shown(replace(view, strategies=(idle,)))
    assert "ema_vwap v1 · 1m  IDLE\n  ema9" in screen


def test_a_short_gains_when_the_price_falls() -> None:
    view = symbol_view()
    short = replace(view.strategies[0], direction="SHORT", entry_price=3042.0, target=None, stop=None)
    screen = shown(replace(view, strategies=(short,), last_price=3011.58))
    assert "IN SIGNAL SHORT since 10:27 #KZA7  +1.00% so far" in screen
    assert "  entry ₹3,042.00\n" in screen


def test_the_age_of_the_last_trade_is_by_market_time() -> None:
    view = symbol_view()
    for age_ms, text in ((400, "0.4 s"), (59_000, "59 s"), (1_200_000, "20 min"), (-500, "0.0 s")):
        assert f", {text} ago" in shown(replace(view, market_ms=view.last_trade_ms + age_ms))


def test_a_symbol_that_has_not_traded_says_so() -> None:
    screen = shown(silent_view("NSE:360ONE"))
    assert screen.splitlines() == ["NSE:360ONE  no trade yet", "market time 10:31:01", "", "No signal yet"]
    assert "the market has not begun" in shown(replace(silent_view("NSE:360ONE"), market_ms=0))


def test_what_is_out_of_the_ordinary_is_told_and_zeros_are_not() -> None:
    assert "out of the ordinary: late 2, volume steps back 1" in shown(symbol_view())
    assert "out of the ordinary" not in shown(replace(symbol_view(), counts={"late": 0}))


def test_what_every_symbol_has_before_the_open_is_nothing_out_of_the_ordinary() -> None:
    screen = " ".join(shown(replace(symbol_view(), counts={"not_traded": 1, "pre_open": 65})).split())
    assert "ticks before the first candle: not traded 1, pre open 65" in screen
    assert "out of the ordinary" not in screen


def test_an_indicator_without_enough_history_is_not_ready() -> None:
    assert "atr14 not ready   rsi6 61.37" in shown(symbol_view())


def test_a_condition_against_zero_or_nothing_has_no_distance() -> None:
    view = symbol_view()
    odd = (Condition("macd > 0", 0.1234, 0.0, ok=True), Condition("close > ema(9)", nan, nan, ok=False))
    screen = shown(replace(view, strategies=(replace(view.strategies[0], conditions={"LONG": odd, "SHORT": ()}),)))
    rows = [line.split() for line in screen.splitlines() if line.startswith(("  ✓", "  ✗"))]
    assert rows == [["✓", "macd", ">", "0", "0.1234", "0.00", "—"], ["✗", "close", ">", "ema(9)", "—", "—", "—"]]
    assert "SHORT 0" not in screen


def test_names_and_rules_cannot_become_markup_or_move_the_cursor() -> None:
    view = symbol_view()
    rule = (Condition("[bold]x[/bold] :smile: \x1b[2J", 1.0, 2.0, ok=False),)
    strategy = replace(view.strategies[0], name="[red]", conditions={"LONG": rule})
    screen = shown(replace(view, strategies=(strategy,)))
    assert "[bold]x[/bold] :smile:" in screen
    assert "[red] v1" in screen
    assert "\x1b" not in screen


def test_bars_of_six_figures_fit_too() -> None:
    view = symbol_view()
    bar = replace(view.bars[0], open=123_456.5, high=123_500.0, low=123_400.05, close=123_450.0, volume=12_345_678)
    screen = shown(replace(view, bars=(bar,) * 10, last_price=123_456.5), 80)
    assert "1,23,456.50  1,23,500.00  1,23,400.05  1,23,450.00  1,23,45,678" in screen


def test_the_newest_signal_comes_first_with_what_to_doubt_about_it() -> None:
    lines = shown(symbol_view()).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("last signals"))
    assert [line.split()[0] for line in lines[start + 1 :]] == ["10:27", "10:10", "09:56"]
    assert lines[start + 2] == "10:10         #EZ01  EXIT LONG   2,983.40  stop    ema_vwap  partial bar"


def test_a_signal_of_an_earlier_day_is_shown_by_its_id_alone() -> None:
    assert "IN SIGNAL LONG #KZA7" in shown(replace(symbol_view(), recent=(), market_ms=OPEN_MS))


def test_a_phase_other_than_continuous_trading_is_told() -> None:
    assert "continuous" not in shown(symbol_view())
    assert "market time 10:31:01 · closing auction" in shown(replace(silent_view("NSE:TCS"), phase="closing auction"))


def silent() -> SymbolView:
    """A symbol whose strategies are all idle."""
    view = symbol_view()
    idle = replace(view.strategies[0], state="IDLE", state_id=None)
    sides = tuple(replace(side, blocked=()) for side in idle.sides)
    return replace(view, strategies=(replace(idle, sides=sides), view.strategies[1]))


@pytest.mark.parametrize("width", [80, 100])
def test_of_a_silent_symbol_what_is_nearest_to_a_signal_comes_first(width: int) -> None:
    lines = shown(silent(), width).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("nearest to a signal"))
    assert lines[start + 1] == "ema_vwap 1m          LONG   1 of 4  0.03%  close > vwap 0.03%"
    assert lines[start + 2].startswith("ema_vwap 1m          SHORT  3 of 4  0.68%  close < ema(9) 0.13%")
    assert max(map(len, lines)) <= width
    assert "nearest to a signal" not in shown(symbol_view(), width)


def test_what_is_not_known_is_neither_ticked_nor_crossed() -> None:
    view = symbol_view()
    unknown = (Condition("close > ema(200)", 3011.9, nan, ok=None), Condition("close > 1", 3011.9, 1.0, ok=True))
    screen = shown(replace(view, strategies=(replace(view.strategies[0], conditions={"LONG": unknown}),)))
    assert "LONG 1 of 2 true" in screen
    (row,) = [line.split() for line in screen.splitlines() if "ema(200)" in line]
    assert row == ["?", "close", ">", "ema(200)", "3,011.90", "—", "—"]


def test_what_a_condition_is_made_of_is_indented_below_it() -> None:
    view = symbol_view()
    parts = (Condition("a", 2.0, 1.0, ok=True), Condition("b", 1.0, 2.0, ok=False))
    count = (Condition("count(a, b) >= 2", 1.0, 2.0, ok=False, parts=parts),)
    screen = shown(replace(view, strategies=(replace(view.strategies[0], conditions={"LONG": count}),)))
    assert "LONG 0 of 1 true" in screen
    marks = [line[:7] for line in screen.splitlines() if line.strip()[:1] in {"✓", "✗"}]
    assert marks == ["  ✗ cou", "    ✓ a", "    ✗ b"]


def test_scores_and_what_a_strategy_reports_are_shown() -> None:
    view = symbol_view()
    newest = replace(view.recent[-1], score=2.1, indicators=(("confidence", 4.0),), reported=("confidence",))
    screen = shown(replace(view, recent=(*view.recent[:-1], newest)), 80)
    assert "  confidence 4 · score 2.10\n" in screen
    assert "10:27         #KZA7  ENTRY LONG  3,008.10  rule    ema_vwap   2.10  partial bar" in screen
    assert "  score" not in shown(view)
