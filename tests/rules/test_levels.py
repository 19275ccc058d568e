from math import isnan, nan

import pytest

from signals.levels import Level, Measure, parse_level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("12.5", Level(Measure.POINTS, 12.5)),
        ("3", Level(Measure.POINTS, 3.0)),
        ("1 %", Level(Measure.PERCENT, 1.0)),
        ("0.35%", Level(Measure.PERCENT, 0.35)),
        ("1.5 atr", Level(Measure.ATR, 1.5)),
        (" 2ATR ", Level(Measure.ATR, 2.0)),
        ("", None),
        ("   ", None),
    ],
)
def test_reads_points_percent_and_multiples_of_the_atr(text: str, level: Level | None):
    assert parse_level(text) == level


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "0 %",
        "0.0 atr",
        "-1",
        "+1",
        "1 pct",
        "%",
        "atr",
        "1,5",
        "1e3",
        "nan",
        "inf",
        "100 %",
        "1 % %",
        "१",
        "9" * 400,
    ],
)
def test_refuses_what_is_no_distance(text: str):
    with pytest.raises(ValueError, match=r"distance|whole price"):
        parse_level(text)


def test_measures_the_distance_in_rupees():
    assert Level(Measure.POINTS, 12.5).distance(2500.0, nan) == 12.5
    assert Level(Measure.PERCENT, 1.0).distance(2500.0, nan) == 25.0
    assert Level(Measure.ATR, 1.5).distance(2500.0, 4.0) == 6.0
    assert isnan(Level(Measure.ATR, 1.5).distance(2500.0, nan))
