"""What keeps a strategy from entering besides its conditions, at the market times given."""

from typing import Any

import pytest

from engine.blocks import ALREADY, blocks
from engine.runner import Runner
from signals.signal import Side
from tests.factories import NEXT_DAY, at, bar, bars_at, rule_plan, study

ABOVE = {"entry": ("close > 100",)}
NOON = at("12:00")


def runner_after(*closes: float, **changes: Any) -> Runner:
    """A runner of one rule, after a bar a minute of these closes from 10:00 on."""
    made = study(rule_plan(**({"long": ABOVE} | changes)))
    for each in bars_at(closes, "10:00"):
        for one in made.take(each):
            one.on_bar(each)
    return made.runners[0]


@pytest.mark.parametrize(
    ("closes", "changes", "expected"),
    [
        ((90.0,), {}, ()),
        ((), {}, ("no 1m candle has closed yet",)),
        ((101.0,), {}, (ALREADY,)),
        ((101.0,), {"trigger": "level"}, ("in this signal",)),
        ((90.0, 101.0), {}, ("in this signal",)),
        ((90.0,), {"long": {"entry": ("close / (close - close) > 1",)}}, ("some of its numbers are not known",)),
        (
            (90.0, 101.0),
            {"long": ABOVE | {"target": "at low - 10", "stop": "at high + 10"}},
            (
                "its target is on the wrong side of the price",
                "its stop is on the wrong side of the price",
                ALREADY,
            ),
        ),
        ((90.0,), {"long": {"entry": ("close > ema(9)",)}}, ("not warm: 1 of 36 candles",)),
        (
            (90.0, 101.0, 80.0),
            {"long": ABOVE | {"exit": ("close < 95",)}, "cooldown_bars": 3},
            ("rests for 3 more bars of 1m",),
        ),
    ],
)
def test_what_is_in_the_way(closes: tuple[float, ...], changes: dict[str, Any], expected: tuple[str, ...]):
    assert blocks(runner_after(*closes, **changes), Side.LONG, NOON) == expected


def test_a_signal_of_the_other_side_is_named():
    runner = runner_after(90.0, 101.0, long=ABOVE, short={"entry": ("close < 50",)})
    assert blocks(runner, Side.SHORT, NOON) == ("in a LONG signal",)


def test_sides_that_hold_both_contradict_themselves():
    runner = runner_after(101.0, long=ABOVE, short={"entry": ("close > 50",)})
    assert blocks(runner, Side.LONG, NOON) == ("both directions hold, which contradicts itself",)


def test_a_hole_and_a_partial_candle_are_told():
    made = study(rule_plan(long={"entry": ("volume > 500",)}))
    (runner,) = made.runners
    hole = bar("10:00", 90.0, partial=True)
    made.take(hole)
    runner.on_bar(hole)
    runner.held = True
    assert blocks(runner, Side.LONG, NOON) == (
        "waits until a hole in its candles is repaired",
        "the last candle is partial, and it reads volume",
    )


def test_candles_from_before_the_program_watched_make_no_entry():
    runner = runner_after(90.0)
    runner.quiet_until_ms = at("11:00")
    assert blocks(runner, Side.LONG, NOON) == ("its last candle is from before the program watched",)


@pytest.mark.parametrize(
    ("clock", "timeframe", "expected"),
    [
        ("09:00", "1m", ()),
        ("15:18", "1m", ()),
        ("15:20", "1m", ("no entry in the last 10 minutes",)),
        ("14:20", "75m", ("no entry in the last 10 minutes",)),  # its candle ends with the session
        ("15:31", "1m", ("the session is over",)),
    ],
)
def test_the_hours_are_told(clock: str, timeframe: str, expected: tuple[str, ...]):
    runner = runner_after(90.0, timeframe=timeframe)
    assert [why for why in blocks(runner, Side.LONG, at(clock)) if "candle" not in why] == list(expected)


def test_a_new_session_ends_the_rest():
    runner = runner_after(90.0, 101.0, 80.0, long=ABOVE | {"exit": ("close < 95",)}, cooldown_bars=300)
    assert blocks(runner, Side.LONG, at("09:10", NEXT_DAY)) == ()


def test_a_day_without_a_session_and_hours_that_are_not_confirmed_are_told():
    runner = runner_after(90.0)
    assert blocks(runner, Side.LONG, NOON + 5 * 86_400_000) == ("no session today",)  # a Saturday
    drill = at("11:50", NEXT_DAY.replace(year=2024, month=5, day=18))
    assert blocks(runner, Side.LONG, drill) == ("today's hours are not confirmed",)
