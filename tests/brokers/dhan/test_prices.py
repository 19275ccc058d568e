from math import inf, nan

import numpy as np
import pytest

from brokers.dhan.prices import PAISE_BELOW, PAISE_TOP_BYTES, ROUND, Prices, round_to_paise

MRF, USDINR, STOCK = 1 << 32 | 2277, 3 << 32 | 1, 1 << 32 | 2885
PIECE = 1_000_000


def as_float32(price: float) -> float:
    return float(np.float32(price))


@pytest.mark.parametrize("start", range(1, 13_107_200, PIECE))
def test_every_price_in_whole_paise_survives_float32(start: int) -> None:
    paise = np.arange(start, min(start + PIECE, 13_107_200))
    meant = paise / 100
    sent = meant.astype(np.float32).astype(np.float64)
    rounded = sent.copy()
    round_to_paise(rounded)
    assert (rounded == meant).all()
    assert ((sent * 100.0 + ROUND - ROUND) / 100.0 == meant).all()  # what one price is put through


@pytest.mark.parametrize("start", range(1, 10_485_760, PIECE))
def test_every_step_of_five_paise_below_524288_is_told_from_its_neighbours(start: int) -> None:
    steps = np.arange(start, min(start + PIECE, 10_485_760))
    sent = (steps / 20).astype(np.float32).astype(np.float64)
    assert (np.rint(sent / 0.05) == steps).all()


def test_prices_above_131072_are_snapped_to_the_tick_of_their_instrument() -> None:
    prices = Prices({MRF: 0.05})
    for step in range(2_621_440, 10_485_760, 97):
        assert prices.snap(MRF, as_float32(step / 20)) == step / 20
    assert prices.snap(MRF, as_float32(135_000.15)) == 135_000.15


def test_one_price_is_rounded_as_many_are() -> None:
    prices, sent = Prices({}), np.random.default_rng(5).uniform(0.01, 131_071, 20_000).astype(np.float32)
    many = sent.astype(np.float64)
    round_to_paise(many)
    assert [prices.snap(STOCK, price) for price in sent.tolist()] == many.tolist()


def test_a_tick_that_is_not_of_whole_paise_is_kept() -> None:
    prices = Prices({USDINR: 0.0025, STOCK: 0.05})
    assert prices.snap(USDINR, as_float32(83.4275)) == 83.4275
    assert prices.snap(STOCK, as_float32(2500.55)) == 2500.55
    assert prices.paise_below == 0.0


def test_an_unknown_instrument_counts_as_priced_in_paise() -> None:
    prices = Prices({})
    assert prices.snap(STOCK, as_float32(99.87)) == 99.87
    assert prices.snap(STOCK, as_float32(200_000.02)) == 200_000.02


@pytest.mark.parametrize("tick", [0.0, -0.05, nan, inf, 1e-300])
def test_an_absurd_tick_size_counts_as_a_paisa(tick: float) -> None:
    prices = Prices({STOCK: tick})
    assert prices.paise_below == PAISE_BELOW
    assert prices.snap(STOCK, as_float32(150_000.02)) == 150_000.02


@pytest.mark.parametrize("price", [nan, inf, -inf, 0.0, -0.0, -1.5, 1e-30, as_float32(0.004)])
def test_what_is_no_price_becomes_zero(price: float) -> None:
    assert Prices({STOCK: 0.05}).snap(STOCK, price) == 0.0


def test_the_largest_float32_is_a_price_like_any_other() -> None:
    assert Prices({STOCK: 0.0001}).snap(STOCK, as_float32(3.4e38)) == pytest.approx(3.4e38)


def test_the_top_byte_tells_ordinary_prices_from_all_others() -> None:
    tops = np.arange(65_536, dtype=np.uint32) << 16
    for low in (0, 0xFFFF):
        values = (tops | np.uint32(low)).view(np.float32)
        with np.errstate(invalid="ignore"):
            ordinary = (values >= 2**-7) & (values < PAISE_BELOW)
        assert (np.isin(tops >> 24, list(PAISE_TOP_BYTES)) == ordinary).all()
