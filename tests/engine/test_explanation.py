"""How rules are explained: each on one-minute bars whose closes are given, volume 100."""

from math import inf, isnan, nan

import pytest

from engine.explanation import condition, distance
from indicators.charts import Charts
from rules.compiler import compiled
from rules.parser import parse_condition
from rules.references import References
from signals.signal import Condition, Side
from tests.factories import bars_at, hours, rule_plan, study

RISING = (100.0, 101.0, 102.0, 103.0)


def explained(rule: str, *closes: float) -> tuple[Condition, float]:
    """A rule's condition and its distance, after the last of these closes."""
    charts = Charts(0.05, hours())
    recipe = compiled(parse_condition(rule, {}), 1)
    bound = recipe.bind(charts, References())
    for each in bars_at(closes):
        charts.take([(charts.of(1), each)])
    return condition(recipe.outline, bound.told), distance(recipe.outline, bound.told)


@pytest.mark.parametrize(
    ("rule", "left", "right", "ok", "away"),
    [
        ("close > 102", 103.0, 102.0, True, 0.0),
        ("close > 206", 103.0, 206.0, False, 50.0),
        ("close <= 100", 103.0, 100.0, False, 3.0),
        ("close > close[1]", 103.0, 102.0, True, 0.0),
        ("not (close > 100)", 103.0, 100.0, False, 3.0),
        ("not (close < 100)", 103.0, 100.0, True, 0.0),
        ("close between 100 and 104", 103.0, 104.0, True, 0.0),
        ("close between 104 and 110", 103.0, 104.0, False, 100 / 104),
        ("close between 90 and 100", 103.0, 100.0, False, 3.0),
        ("close crosses above 102.5", 103.0, 102.5, True, 0.0),
        ("close crosses above 206", 103.0, 206.0, False, 50.0),
        ("close crosses above 101.5", 103.0, 101.5, False, inf),  # it is above already: it must first go back
        ("close crosses below 100", 103.0, 100.0, False, 3.0),
        ("close > 0 * close", 103.0, 0.0, True, 0.0),
        ("close < 0 * close", 103.0, 0.0, False, inf),  # no percentage of 0
    ],
)
def test_what_is_compared_is_told_with_both_sides(rule: str, left: float, right: float, ok: bool, away: float):  # noqa: FBT001
    told, found = explained(rule, *RISING)
    assert (told.left, told.right, told.ok, told.parts) == (left, right, ok, ())
    assert found == pytest.approx(away)


@pytest.mark.parametrize("rule", ["close > sma(9)", "sma(9) crosses above 100", "close between 1 and sma(9)"])
def test_what_is_not_known_yet_is_neither_true_nor_false(rule: str):
    told, away = explained(rule, *RISING)
    assert told.ok is None
    assert isnan(told.left) or isnan(told.right)
    assert away == inf


def test_a_condition_that_compares_nothing_has_no_sides():
    told, away = explained("in session 09:16-15:00", 100.0)
    assert (isnan(told.left), isnan(told.right), told.ok, away) == (True, True, False, inf)


@pytest.mark.parametrize(
    ("rule", "ok", "parts", "away"),
    [
        ("close > 206 or close > 104", False, [False, False], 100 / 104),  # the nearest will do
        ("close > 104 or close > 100", True, [False, True], 0.0),
        ("close > 104 or sma(9) > 1", None, [False, None], inf),
        ("not (close > 100 or close > 104)", False, [True], inf),
        ("(close > 206 and close > 104) or close > 412", False, [False, False], 50.0),  # all of them are wanted
        ("count(close > 100, close > 104, close > 206) >= 2", False, [True, False, False], 100 / 104),
        ("count(close > 100, close > 104, close > 206) >= 3", False, [True, False, False], 50.0),
        ("count(close > 100, close > 101) >= 2", True, [True, True], 0.0),
        ("close > 104 within 2 bars", False, [False], 100 / 104),
        ("close < 102.5 within 2 bars", True, [False], 0.0),
        ("close > 104 for 2 bars", False, [False], 100 / 104),
        ("close > 101 for 3 bars", False, [True], inf),  # only time brings it
    ],
)
def test_what_is_made_of_conditions_has_them_below_it(
    rule: str,
    ok: bool | None,  # noqa: FBT001
    parts: list[bool | None],
    away: float,
):
    told, found = explained(rule, *RISING)
    assert told.ok is ok
    assert [part.ok for part in told.parts] == parts
    assert found == pytest.approx(away)


def test_a_count_tells_how_many_hold_and_how_many_are_wanted():
    told, _ = explained("count(close > 100, close > 104) >= 2", *RISING)
    assert (told.left, told.right) == (1.0, 2.0)
    assert [(part.left, part.right) for part in told.parts] == [(103.0, 100.0), (103.0, 104.0)]


def test_parts_have_parts():
    told, _ = explained("count(close > 100, close crosses above 101.5 within 2 bars) >= 2", *RISING)
    assert [[part.ok for part in each.parts] for each in told.parts] == [[], [False]]


def test_explaining_adds_nothing_to_what_is_computed_on_a_bar():
    rule = parse_condition("count(close > 100, close > 104 or volume > 50) >= 2 or close between 1 and 2", {})
    charts, recipe = Charts(0.05, hours()), compiled(rule, 1)
    recipe.bind(charts, References())
    computed = sum(1 for _ in charts.of(1).ranked())
    assert computed == sum(1 for step in recipe.steps if step.constant is None)
    assert recipe.steps[-1].key == recipe.outline.text


@pytest.mark.parametrize("value", [0.0, nan])
def test_a_condition_of_a_longer_timeframe_shows_that_timeframes_numbers(value: float):
    charts = Charts(0.05, hours())
    recipe = compiled(parse_condition("(close > 100) on 5m", {}), 1)
    bound = recipe.bind(charts, References())
    whole = bars_at([104.0 + value])[0]
    charts.take([(charts.of(5), whole)])
    charts.take([(charts.of(1), bars_at([90.0])[0])])
    told = condition(recipe.outline, bound.told)
    assert told.right == 100.0
    assert told.ok is (None if isnan(value) else True)


def test_what_a_shorter_timeframe_says_counts_as_it_was_when_the_bar_closed():
    made = study(rule_plan(timeframe="3m", long={"entry": ("(close > 100) on 1m",)}))
    for each in bars_at([99.0, 99.0, 99.0, 103.0]):
        made.take(each)
    (entry,) = made.runners[0].terms[Side.LONG].entry
    assert (entry.holds, entry.told().ok) == (False, False)
    made.take(bars_at([103.0] * 6)[4])
    made.take(bars_at([103.0] * 6)[5])
    assert (entry.holds, entry.told().ok) == (True, True)
