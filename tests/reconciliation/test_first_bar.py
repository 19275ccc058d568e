"""The first candle's volume tells whether the broker counts the auction in it."""

import pytest

from market.bar import Bar
from reconciliation.comparison import compare
from tests.factories import bar
from tests.reconciliation.sides import Side, paired


def side(first: int, later: int = 100, symbols: int = 20, *, partial: bool = False, start: str = "09:15") -> Side:
    def bars(place: int) -> list[Bar]:
        own = first if place % 4 else 500  # every fourth stock had no trade in the auction
        clocks = ("09:16", "09:17", "09:18")
        return [bar(start, 100.0, volume=own, partial=partial), *[bar(clock, 100.0, volume=later) for clock in clocks]]

    return {f"NSE:S{place}": bars(place) for place in range(symbols)}


@pytest.mark.parametrize(("ours", "theirs", "fits"), [(500, 900, "include"), (900, 500, "exclude")])
def test_first_candles_that_differ_alone_tell_the_setting_that_fits(ours: int, theirs: int, fits: str):
    advice = compare(paired(side(ours), side(theirs))).advice
    assert advice.startswith("15 of 20 first candles have")
    assert advice.endswith(f': set pre_open_volume = "{fits}" in [feed]')


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (side(500), side(500)),
        (side(500), side(900, later=90)),  # it is not the auction
        (side(500, symbols=9), side(900, symbols=9)),
        (side(500, partial=True), side(900)),  # we came late
        (side(500, start="09:25"), side(900, start="09:25")),  # not the first of the session
        ({}, {}),
    ],
)
def test_nothing_is_concluded_from_anything_else(ours: Side, theirs: Side):
    assert compare(paired(ours, theirs)).advice == ""
