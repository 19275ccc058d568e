import numpy as np
import pytest

from simulator.quotes import before_trading, quotes_of
from simulator.session import Session, in_order_of_arrival

START_MS = 1_763_351_100_000
DAY_MS = 86_400_000


def session_of(*ticks: tuple[int, int, float, int]) -> Session:
    symbol, times, prices, volumes = zip(*ticks, strict=True)
    symbols = tuple(f"NSE:S{number}" for number in range(max(symbol) + 1))
    return in_order_of_arrival(
        symbols, np.array(symbol), START_MS + np.array(times), np.array(prices, float), np.array(volumes)
    )


def test_a_quote_tells_the_day_as_it_stood_at_its_tick():
    quotes = quotes_of(
        session_of((0, 0, 10.0, 100), (1, 500, 50.0, 7), (0, 1000, 8.0, 150), (0, 2000, 12.0, 150), (0, 3000, 9.0, 250))
    )
    mine = quotes.take(np.flatnonzero(quotes.symbol == 0))
    assert mine.day_open.tolist() == [10, 10, 10, 10]
    assert mine.day_high.tolist() == [10, 10, 12, 12]
    assert mine.day_low.tolist() == [10, 8, 8, 8]
    assert mine.quantity.tolist() == [100, 50, 0, 100]
    assert mine.average.tolist() == pytest.approx([10, 1400 / 150, 1400 / 150, 2300 / 250])


def test_the_previous_close_is_the_last_price_of_the_day_before():
    quotes = quotes_of(session_of((0, 0, 10.0, 100), (0, 1000, 11.0, 150), (0, DAY_MS, 20.0, 30)))
    assert quotes.previous_close.tolist() == [10, 10, 11]
    assert quotes.day_open.tolist() == [10, 10, 20]
    assert quotes.quantity.tolist() == [100, 50, 30]


def test_a_day_volume_that_steps_back_is_shown_as_recorded_and_traded_nothing():
    quotes = quotes_of(session_of((0, 0, 10.0, 100), (0, 1000, 11.0, 90), (0, 2000, 11.0, 120)))
    assert quotes.volume.tolist() == [100, 90, 120]
    assert quotes.quantity.tolist() == [100, 0, 30]
    assert quotes.average.tolist() == pytest.approx([10, 10, (1000 + 20 * 11) / 120])


def test_an_index_has_prices_without_volume():
    quotes = quotes_of(session_of((0, 0, 100.0, 0), (0, 1000, 101.0, 0)))
    assert quotes.average.tolist() == [0, 0]
    assert quotes.to_buy.tolist() == [0, 0]


def test_before_its_first_trade_a_symbol_has_the_previous_close_and_nothing_else():
    quotes = before_trading(quotes_of(session_of((1, 0, 10.0, 100), (0, 1000, 20.0, 5))), 2)
    assert quotes.price.tolist() == [20, 10]
    assert quotes.times_ms.tolist() == quotes.volume.tolist() == quotes.day_high.tolist() == [0, 0]
