"""What a trader reads when a rule is wrong, word for word: wrong_rules.txt holds rules and the whole text of each."""

import re
from pathlib import Path

import pytest

from errors import SignalsError
from rules.errors import RuleError, column_of
from rules.parser import parse, parse_condition, parse_number

GOLDEN = Path(__file__).with_name("wrong_rules.txt").read_text("utf-8")
BLOCKS = [block for block in GOLDEN.split("\n\n") if block.strip()]


def rule_of(block: str) -> str:
    return block.split("\n")[1][2:]


def fault_of(rule: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        parse_condition(rule)
    return caught.value


@pytest.mark.parametrize("block", BLOCKS, ids=map(rule_of, BLOCKS))
def test_a_wrong_rule_reads_as_its_golden_text(block: str):
    assert str(fault_of(rule_of(block))) == block.rstrip("\n")


def test_there_are_many_and_none_speaks_of_the_program_s_inside():
    assert len(BLOCKS) >= 40
    jargon = re.findall(r"token|None|NoneType|pars(?:e|ing)|node|AST|kind|operand|syntax|str\b", GOLDEN)
    assert jargon == []


def test_a_mistake_is_placed_in_its_file():
    error = fault_of("close > vawp")
    line = 'entry = "close > vawp"'
    placed = error.at("config.toml", 15, column_of(error.rule, line))
    assert str(placed).startswith("config.toml:15:18: unknown name vawp; did you mean vwap?\n")
    assert line[18 - 1 :].startswith("vawp")
    assert isinstance(placed, SignalsError)
    assert placed.exit_code == 78


def test_a_rule_over_several_lines_is_placed_on_the_line_at_fault():
    placed = fault_of("close > vwap\n    and close > vawp").at("strategies/x.toml", 8, 14)
    assert placed.place == "strategies/x.toml:9:17"


def test_of_a_long_rule_the_part_at_fault_is_shown():
    shown = fault_of("close > open and " * 20 + "close > vawp").shown()
    line, carets = shown.split("\n")
    assert len(line) <= 110
    assert line[carets.index("^") : carets.rindex("^") + 1] == "vawp"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("“close” > 1", "means nothing in a rule; use straight quotes"),
        ("close > vwap\u00a0and volume > 1", "a non-breaking space means nothing in a rule; write an ordinary space"),
        ("close \u2265 vwap", "write >="),
        ("a\x00b", "the character U+0000 means nothing"),
        ("", "the rule is empty"),
        ("(" * 60 + "close" + ")" * 60 + " > 1", "nested too deeply"),
        ("-" * 60 + "close > 1", "nested too deeply"),
        ("not " * 60 + "close > 1", "nested too deeply"),
        ("close" + "[1]" * 60 + " > 1", "nested too deeply"),
        ("close > " + "+".join(["open"] * 60), "nested too deeply or too long"),
        ("x" * 1001, "at most 1,000 characters, this one has 1,001"),
        (" and ".join(["low>1"] * 100), "at most 200 parts, this one has 301"),
        ("close > " + "9" * 900, "at most 1000000000000"),
        ("close > 1000000 * 1000000 * 10", "more than 1000000000000"),
        ("close > ema(" + "9" * 500 + ")", "at most 1000000000000"),
        ("close[" + "1" * 500 + "] > 1", "at most 1000000000000"),
        ("close on " + "1" * 500 + "m > 1", "is no timeframe"),
    ],
)
def test_odd_characters_and_what_is_too_much_are_refused(rule: str, problem: str):
    assert problem in fault_of(rule).problem


def test_what_must_be_a_number_is_not_a_condition_and_the_other_way_round():
    with pytest.raises(RuleError, match="is a condition, and a number is needed"):
        parse_number("close > vwap")
    with pytest.raises(RuleError, match="of what"):
        parse_number("2%")
    with pytest.raises(RuleError, match="is a text"):
        parse('"abc"')


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("abc", "fast is a text"),
        ((9, 21), "the parameter fast is a list"),
        (float("inf"), "which no rule can use"),
        (1e13, "which no rule can use"),
        ("5 %", "expected a whole number from 1 to 10000, got fast"),
        (0, "expected a whole number from 1 to 10000, got 0"),
    ],
)
def test_a_parameter_that_does_not_fit_is_told_where_it_is_used(value: object, problem: str):
    rule = "close > ema(fast)" if not isinstance(value, str) or "%" in value else "close > fast"
    with pytest.raises(RuleError, match=re.escape(problem)):
        parse(rule, {"fast": value})  # type: ignore[dict-item]
