"""A file whose candles are named by the other end of their minute."""

import pytest

from market.bar import Bar
from reconciliation.stamps import better_stamp
from tests.factories import bar
from tests.reconciliation.sides import paired


def minutes_from(first: int, prices: str) -> dict[str, list[Bar]]:
    return {"NSE:TCS": [bar(f"09:{first + place}", float(price)) for place, price in enumerate(prices)]}


@pytest.mark.parametrize(("first", "expected"), [(31, "end"), (30, None), (29, "start"), (33, None)])
def test_candles_that_agree_a_minute_off_tell_how_they_are_to_be_read(first: int, expected: str | None):
    assert better_stamp(paired(minutes_from(30, "123456789"), minutes_from(first, "123456789"))) == expected


def test_candles_that_differ_whatever_the_minute_tell_nothing():
    assert better_stamp(paired(minutes_from(30, "123456789"), minutes_from(31, "987654321"))) is None
    assert better_stamp(paired(minutes_from(30, "1"), minutes_from(40, "1"))) is None
