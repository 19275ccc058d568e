"""How long a start takes: 2,000 actors, and 2,000 symbols brought to where 375 stored bars leave them (one run)."""

import random
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from actors.line import Line
from bench.baselines import ThreadPerSymbol
from bench.disk import place
from bench.drain import drain, end
from bench.exchange import TICK
from bench.market import OPEN_MS, instruments
from bench.result import Result
from bench.stand_ins import Deaf, forget
from collector import spare_the_collector
from market.bar import MINUTE_MS, Bar
from market.clock import SystemClock
from market.instrument import Instrument
from settings.strategy_files import shipped
from store.store import Store
from warmup.recall import recall

SYMBOLS: Final = 2_000
RUNS: Final = 5
BARS: Final = 375
"""Of each symbol: a whole session."""
DAY: Final = date(2025, 11, 17)
WAIT_S: Final = 60.0


def measure() -> list[Result]:
    """Medians of five for the actors."""
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(_start_actors())
        theirs.append(_start_threads())
    return [
        Result(f"start of {SYMBOLS:,} actors", median(ours), "s", at_most=0.3, must=1.0),
        Result("  one ThreadingActor per symbol", median(theirs), "s"),
        Result(f"start of {SYMBOLS:,} symbols warm from the store, {BARS} bars each", _warm_s(), "s", at_most=5.0),
    ]


def _start_actors() -> float:
    """Until each has had its first turn; its bars, indicators and machine are built on the way."""
    watched = instruments(SYMBOLS)
    began = perf_counter()
    line = _line(watched)
    line.start()
    drain(line)
    took = perf_counter() - began
    end(line)
    return took


def _start_threads() -> float:
    began = perf_counter()
    threads = ThreadPerSymbol(SYMBOLS)
    took = perf_counter() - began
    threads.run([])
    return took


def _warm_s() -> float:
    """As after a crash just before the close: the day's bars from the disk through every indicator and machine."""
    with place() as directory:
        _store_a_day(directory)
        spare_the_collector()
        store = Store(directory, SystemClock())
        began = perf_counter()
        store.start()
        line = _line(instruments(SYMBOLS))
        line.start()
        recall(line, store, OPEN_MS + BARS * MINUTE_MS)
        drain(line)
        took = perf_counter() - began
        end(line)
        store.stop()
    return took


def _store_a_day(directory: Path) -> None:
    store = Store(directory, SystemClock())
    store.start()
    rng = random.Random(1)
    prices = [100.0 + rng.randrange(2_000) for _ in range(SYMBOLS)]
    for start_ms in range(OPEN_MS, OPEN_MS + BARS * MINUTE_MS, MINUTE_MS):
        prices = [price + rng.randrange(-10, 11) * TICK for price in prices]
        store.write_bars(
            [
                (
                    f"NSE:S{key:05}",
                    Bar(start_ms, start_ms + MINUTE_MS, DAY, price, price + 0.1, price - 0.1, price, 100),
                )
                for key, price in enumerate(prices)
            ]
        )
        assert store.flush(WAIT_S)
    store.stop()


def _line(watched: dict[int, Instrument]) -> Line:
    return Line([shipped("ema_vwap")], watched, forget, Deaf(), Deaf(), None)
