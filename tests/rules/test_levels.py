import pytest

from rules.levels import level_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("12.5", "12.5"),
        ("3", "3"),
        ("1 %", "close * 1 / 100"),
        ("0.35%", "close * 0.35 / 100"),
        ("1.5 atr", "1.5 * atr(14)"),
        (" 2ATR ", "2 * atr(14)"),
        ("2 * atr(10)", "2 * atr(10)"),
        ("close * 0.5%", "close * 0.5%"),
    ],
)
def test_reads_points_percent_multiples_of_the_atr_and_any_other_rule_as_a_distance(text: str, rule: str):
    assert level_rule(text) == (rule, False)


@pytest.mark.parametrize("text", ["at lowest(5)", "  at lowest(5) "])
def test_behind_at_stands_a_price(text: str):
    assert level_rule(text) == ("lowest(5)", True)


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_text_is_no_level(text: str):
    assert level_rule(text) is None


@pytest.mark.parametrize("text", ["0", "0 %", "0.0 atr", "100 %", "250%"])
def test_refuses_a_distance_of_nothing_or_of_the_whole_price(text: str):
    with pytest.raises(ValueError, match=r"distance|whole price"):
        level_rule(text)


@pytest.mark.parametrize(
    "text", ["-1", "+1", "1 pct", "%", "atr", "1,5", "1e3", "nan", "inf", "1 % %", "१", "9" * 400, "at 5"]
)
def test_what_is_no_plain_distance_is_left_to_the_rules(text: str):
    level = level_rule(text)
    assert level is not None
    assert level[0] == text.removeprefix("at ")
