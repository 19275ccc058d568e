"""Whatever is written as a rule gives a tree or a `RuleError`, and a tree's text means the tree."""

from hypothesis import given, settings
from hypothesis import strategies as any_of

from bench.rule_fuzz import PARAMETERS, inputs, survived
from rules.parser import parse
from rules.text import text

NUMBERS = any_of.sampled_from(
    ["close", "high[2]", "vwap", "ema(9)", "ema(hl2, 21)", "macd(12, 26, 9).signal", "macd(5).histogram", "atr",
     "adx(14, 7)", "previous_day.high", "1", "0.25", "-3", "fast", "entry", 'correlation(close of "NSE:NIFTY 50", 20)',
     "supertrend(factor=1.5)", "close on 5m", 'low of "NSE:M&M" on 15m', "0.1 + 0.2"]
)  # fmt: skip
CONDITIONS = any_of.sampled_from(
    ["doji", "true", "in session 09:20-15:00", "time >= 09:30", "time between 09:20 and 10:00", "roc(15) > 2%",
     "abs(gap) > share", "doji(0.2)[1]", 'pattern("HAMMER") > 0', "-roc(3) * 2 between -1% and 2%"]
)  # fmt: skip


def larger_numbers(inner: any_of.SearchStrategy[str]) -> any_of.SearchStrategy[str]:
    pair = any_of.tuples(inner, inner)
    return any_of.one_of(
        any_of.builds(lambda two, sign: f"{two[0]} {sign} {two[1]}", pair, any_of.sampled_from("+-*")),
        any_of.builds(lambda two: f"({two[0]}) / ({two[1]} + close)", pair),
        any_of.builds(lambda two: f"min({two[0]}, max({two[1]}, low))", pair),
        any_of.builds("({})".format, inner),
        any_of.builds("-({})".format, inner),
        any_of.builds("abs({})[2]".format, inner),
        any_of.builds("({} - 0.2%)".format, inner),
        any_of.builds("ema(low + {}, 3)".format, inner),
    )


NUMBER_RULES = any_of.recursive(NUMBERS, larger_numbers, max_leaves=6)


def larger_conditions(inner: any_of.SearchStrategy[str]) -> any_of.SearchStrategy[str]:
    pair = any_of.tuples(inner, inner)
    return any_of.one_of(
        any_of.builds(lambda two, word: f"{two[0]} {word} {two[1]}", pair, any_of.sampled_from(["and", "or"])),
        any_of.builds(lambda two, word: f"({two[0]}) {word} ({two[1]})", pair, any_of.sampled_from(["and", "or"])),
        any_of.builds(lambda two: f"count({two[0]}, {two[1]}, doji) >= 2", pair),
        any_of.builds("not ({})".format, inner),
        any_of.builds("({}) within 3 bars".format, inner),
        any_of.builds("({}) for 1 bar in session 09:20-15:00".format, inner),
        any_of.builds("({})[1]".format, inner),
    )


COMPARISONS = any_of.builds(
    "{} {} {}".format,
    NUMBER_RULES,
    any_of.sampled_from([">", "<=", "==", "!=", "crosses above", "crosses below"]),
    NUMBER_RULES,
)
CONDITION_RULES = any_of.recursive(CONDITIONS | COMPARISONS, larger_conditions, max_leaves=5)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(NUMBER_RULES | CONDITION_RULES)
def test_the_text_of_a_rule_means_the_rule(rule: str):
    survived(rule)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(NUMBER_RULES | CONDITION_RULES)
def test_a_rule_has_one_text(rule: str):
    if not survived(rule):
        return
    written = text(parse(rule, PARAMETERS, ("entry",)))
    assert text(parse(written, names=("entry",))) == written


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(any_of.text(max_size=60) | any_of.text("()[]-+.,=<>%'\" \n0159:mcloseandnottruetime", max_size=200))
def test_any_text_is_a_rule_or_a_mistake(rule: str):
    survived(rule)


def test_twenty_thousand_mistyped_rules_are_rules_or_mistakes():
    rules = sum(survived(rule) for rule in inputs(20_000))
    assert 500 < rules < 10_000, "some are still rules, most are not"
