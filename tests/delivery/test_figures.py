from math import inf, nan

import pytest

from delivery.figures import day, figure, grouped, percent, rupees, time_of_day
from tests.transitions import at


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "₹0.00"),
        (-0.001, "₹0.00"),
        (7.5, "₹7.50"),
        (999.995, "₹1,000.00"),
        (3012.5, "₹3,012.50"),
        (99_999.99, "₹99,999.99"),
        (123_456.5, "₹1,23,456.50"),
        (1_234_567.0, "₹12,34,567.00"),
        (987_654_321.25, "₹98,76,54,321.25"),
        (-123_456.5, "-₹1,23,456.50"),
        (nan, "₹—"),
        (inf, "₹—"),
    ],
)
def test_rupees_are_grouped_as_in_india(value: float, text: str):
    assert rupees(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.01234, "0.01234"), (-0.5, "-0.5"), (71.2, "71.20"), (1_840_000.0, "18,40,000"), (nan, "—")]
)
def test_a_figure_shows_what_matters_of_a_ratio_a_price_or_a_volume(value: float, text: str):
    assert figure(value) == text


def test_grouping_without_decimals_and_percentages():
    assert grouped(250_000, 0) == "2,50,000"
    assert percent(0.149) == "+0.15%"
    assert percent(-2.0) == "-2.00%"
    assert percent(nan) == ""


def test_times_and_days_are_those_of_the_exchange():
    assert time_of_day(at("10:31")) == "10:31"
    assert time_of_day(at("10:31:07")) == "10:31:07"
    assert day(at("00:10")) == "17 Nov 2025"
    assert day(at("00:10") - 16 * 86_400_000) == "1 Nov 2025"
