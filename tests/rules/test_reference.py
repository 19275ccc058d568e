"""The reference page, and what the files of indicators/ must say for it."""

import re

import pytest

from indicators.chart import Chart
from indicators.indicator import Indicator, Length
from rules.function import Function, Takes
from rules.functions import IndicatorError, function_of, functions
from rules.parser import parse, parse_condition
from rules.reference import PAGE, distinct, reference
from rules.text import text


def test_the_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == reference(), "python -m rules.reference writes it anew"


@pytest.mark.parametrize("function", distinct(), ids=lambda each: each.name)
def test_every_function_has_a_line_and_an_example_that_is_a_condition_with_it(function: Function):
    assert re.fullmatch(r"[A-Z].*\.", function.summary)
    example = parse_condition(function.make.example)
    names = (function.name, *function.make.aliases)
    assert re.search(rf"\b({'|'.join(names)})\b", function.make.example)
    assert parse_condition(text(example)) == example


def test_every_rule_of_the_page_s_language_part_can_be_read():
    told = PAGE.read_text("utf-8").partition("## Functions")[0]
    names = ("a", "b", "x", "fast", "distance", "roc_min")
    rules = [rule for rule in re.findall(r"`([^`]+)`", told) if re.search(r"[ (\[]", rule) and "run.py" not in rule]
    assert len(rules) > 40
    for rule in rules:
        if rule in {"( )", "count(a, b, c)", "x and y", "x or y", "not x", "x within 3 bars", "x for 3 bars"}:
            continue
        if not rule.startswith(("distance =", "roc_min ==")):
            constants: dict[str, float | str] = {"fast": 9, "distance": "0.2 %"}
            parse(rule, constants, [name for name in names if name not in constants])


def test_an_alias_is_the_same_function():
    assert parse("bb(20, 2).upper") == parse("bollinger(20, 2).upper")
    assert functions()["bb"] is functions()["bollinger"]


def test_an_indicator_is_called_by_what_its_constructor_takes():
    ema = functions()["ema"]
    assert [parameter.takes for parameter in ema.parameters] == [Takes.SERIES, Takes.WHOLE]
    assert (ema.parameters[0].default, ema.parameters[1].low, ema.parameters[1].high) == ("close", 1, 10_000)
    assert not ema.takes_chart
    assert functions()["vwap"].takes_chart


def test_a_constructor_that_rules_cannot_call_is_told():
    class Odd(Indicator):
        def __init__(self, chart: Chart, length: Length, lines: list[int]) -> None: ...

        def update(self) -> None: ...

    with pytest.raises(IndicatorError, match=re.escape("indicators/odd.py: rules cannot give the parameter lines")):
        function_of("odd", Odd)
