"""What a transition is known by."""

from itertools import combinations
from math import isnan

from hypothesis import given
from hypothesis import strategies as st

from signals.signal import SHORT_ID_ALPHABET, Condition, Side, SignalType, fingerprint, short_id
from tests.factories import at


def test_the_same_bar_always_gives_the_same_fingerprint():
    """A fingerprint that changed would send every alert of the day again after a restart on the new version."""
    identity = fingerprint("ema_vwap", "1", "NSE:M&M", Side.LONG, SignalType.ENTRY, at("09:30"))
    assert identity == "d8aaee92b2f27121132bc7c0912e6652"
    assert len(identity) == 32


def test_everything_it_is_made_of_makes_a_difference():
    one = ("ema_vwap", "1", "NSE:M&M", Side.LONG, SignalType.ENTRY, at("09:30"))
    other = ("ema_vwa", "2", "NSE:MM", Side.SHORT, SignalType.EXIT, at("09:31"))
    ids = [fingerprint(*one), fingerprint("ema_vwap1", "", "NSE:M&M", Side.LONG, SignalType.ENTRY, at("09:30"))]
    ids += [fingerprint(*one[:place], other[place], *one[place + 1 :]) for place in range(6)]  # type: ignore[arg-type, call-arg]
    assert all(first != second for first, second in combinations(ids, 2))


def test_a_short_id_has_four_letters_that_can_be_read_aloud():
    assert short_id("00000" + "0" * 27) == "0000"
    assert short_id("fffff" + "0" * 27) == "ZZZZ"
    assert short_id("9d7e2" + "0" * 27) == short_id("9d7e2" + "f" * 27)


@given(st.text("0123456789abcdef", min_size=32, max_size=32))
def test_a_short_id_is_the_first_twenty_bits(identity: str):
    number = 0
    for letter in short_id(identity):
        number = number * 32 + SHORT_ID_ALPHABET.index(letter)
    assert number == int(identity[:5], 16)


def test_the_distance_of_a_condition_is_in_percent_of_its_right_side():
    assert Condition("close > vwap", 101.0, 100.0, ok=True).margin_percent == 1.0
    assert Condition("close > vwap", 99.0, 100.0, ok=False).margin_percent == -1.0
    assert isnan(Condition("close > macd", 1.0, 0.0, ok=True).margin_percent)
