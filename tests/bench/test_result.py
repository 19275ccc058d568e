import pytest

from bench.result import Result, percentile


def test_a_figure_is_held_to_its_target_and_to_what_it_must_reach() -> None:
    assert "target ≥ 60" in (text := Result("ours", 30.0, "x", at_least=60, must=25).text())
    assert text.endswith("MISSED (must ≥ 25: met)")
    assert Result("start", 0.2, "s", at_most=0.3, must=1.0).text().endswith("met    (must ≤ 1: met)")


def test_a_figure_without_a_target_is_neither_met_nor_missed() -> None:
    result = Result("plain loop", 3_850_000.0, "/s")
    assert result.met is None
    assert result.text().endswith("3,850,000 /s")


@pytest.mark.parametrize(("percent", "expected"), [(50, 50.0), (99, 99.0), (100, 100.0)])
def test_a_percentile_is_one_of_the_values(percent: int, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], percent) == expected
    assert percentile([7.0], percent) == 7.0
