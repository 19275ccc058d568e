import pytest

from market.figures import grouped


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1000, 0, "1,000"),
        (99_999, 0, "99,999"),
        (100_000, 0, "1,00,000"),
        (123_456.5, 2, "1,23,456.50"),
        (-123_456.789, 2, "-1,23,456.79"),
        (1_234_567_890, 0, "1,23,45,67,890"),
        (0.05, 2, "0.05"),
        (-0.5, 1, "-0.5"),
    ],
)
def test_thousands_lakhs_and_crores_are_set_apart(number: float, decimals: int, text: str) -> None:
    assert grouped(number, decimals) == text
