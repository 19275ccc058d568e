import csv
import gzip
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from market.clock import IST
from simulator.bar_ticks import ticks_of_bars
from simulator.session import Session

SESSION = Path(__file__).parents[2] / "simulator" / "data" / "nse166_1m_20160930.csv.gz"

Bars = dict[tuple[str, int], tuple[float, float, float, float, int]]


def bars_of_file() -> Bars:
    bars: Bars = {}
    with gzip.open(SESSION, "rt") as file:
        for row in csv.DictReader(file):
            start = datetime.fromisoformat(row["Date"]).replace(tzinfo=IST)
            prices = [float(row[name]) for name in ("Open", "High", "Low", "Close")]
            if int(row["Volume"]):
                bars[f"NSE:{row['Code']}", int(start.timestamp())] = (*prices, int(row["Volume"]))  # type: ignore[assignment]
    return bars


def bars_of_ticks(session: Session) -> Bars:
    """The plainest aggregator there is; it stands apart from the program's own."""
    minutes: dict[tuple[str, int], list[tuple[int, float]]] = defaultdict(list)
    volumes: dict[tuple[str, int], int] = {}
    before: dict[str, int] = defaultdict(int)
    rows = zip(
        session.symbol.tolist(),
        session.times_ms.tolist(),
        session.prices.tolist(),
        session.volumes.tolist(),
        strict=True,
    )
    for index, at_ms, price, volume in rows:
        symbol = session.symbols[index]
        minute = symbol, at_ms // 60_000 * 60
        minutes[minute].append((at_ms, price))
        volumes[minute] = volumes.get(minute, 0) + volume - before[symbol]
        before[symbol] = volume
    bars: Bars = {}
    for minute, ticks in minutes.items():
        prices = [price for _, price in ticks]
        bars[minute] = prices[0], max(prices), min(prices), prices[-1], volumes[minute]
        stamps = [at_ms for at_ms, _ in ticks]
        assert stamps == sorted(set(stamps)), "a symbol's ticks have stamps of their own, in order"
        assert all(at_ms % 1000 == 0 for at_ms in stamps)
    return bars


def one_bar(open_: float, high: float, low: float, close: float, volume: int) -> Session:
    return ticks_of_bars(
        ("NSE:A",),
        np.array([0]),
        np.array([1_763_351_100_000]),
        np.array([[open_, high, low, close]]),
        np.array([volume]),
    )


def test_the_ticks_of_the_bundled_session_rebuild_every_bar_that_had_trades(bundled: Session):
    bars = bars_of_file()
    assert len(bars) == 61_752
    assert bars_of_ticks(bundled) == bars


def test_the_symbols_of_a_minute_are_mixed_by_time(bundled: Session):
    first_minute = bundled.symbol[bundled.due_ms < bundled.due_ms[0] + 60_000].tolist()
    changes = sum(a != b for a, b in pairwise(first_minute))
    assert changes > len(first_minute) * 0.9
    assert (np.diff(bundled.due_ms) >= 0).all()


def test_a_bar_that_rose_trades_its_low_first_and_one_that_fell_its_high():
    assert one_bar(10.0, 12.0, 9.0, 11.0, 100).prices.tolist() == [10.0, 9.0, 12.0, 11.0]
    assert one_bar(11.0, 12.0, 9.0, 10.0, 100).prices.tolist() == [11.0, 12.0, 9.0, 10.0]


def test_a_price_that_repeats_the_one_before_makes_no_tick():
    assert one_bar(10.0, 10.0, 10.0, 10.0, 7).prices.tolist() == [10.0]
    assert one_bar(10.0, 12.0, 10.0, 12.0, 7).prices.tolist() == [10.0, 12.0]


def test_a_bar_of_one_share_has_it_in_its_first_tick():
    assert one_bar(10.0, 12.0, 9.0, 11.0, 1).volumes.tolist() == [1, 1, 1, 1]
    assert one_bar(10.0, 12.0, 9.0, 11.0, 3).volumes.tolist() == [1, 2, 3, 3]
    assert one_bar(10.0, 12.0, 9.0, 11.0, 10).volumes.tolist() == [3, 5, 8, 10]


def test_the_day_volume_starts_at_nothing_each_day():
    day_ms = 86_400_000
    starts = np.array([1_763_351_100_000, 1_763_351_160_000, 1_763_351_100_000 + day_ms])
    session = ticks_of_bars(("NSE:A",), np.zeros(3, np.int64), starts, np.full((3, 4), 10.0), np.array([5, 6, 7]))
    assert session.volumes.tolist() == [5, 11, 7]


def test_a_bar_without_volume_is_no_trade_unless_the_symbol_never_has_any():
    starts = np.array([1_763_351_100_000, 1_763_351_160_000] * 2)
    symbol = np.array([0, 0, 1, 1])
    session = ticks_of_bars(("NSE:A", "NSE:NIFTY 50"), symbol, starts, np.full((4, 4), 10.0), np.array([5, 0, 0, 0]))
    assert sorted(session.symbol.tolist()) == [0, 1, 1]
