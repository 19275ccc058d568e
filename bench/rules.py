"""Rules: what a closed bar costs, for each shipped strategy and for all of them together."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import median
from time import process_time
from typing import Final

from bench.market import OPEN_MS, instruments
from bench.result import Result
from engine.playbook import Playbook
from engine.study import Study
from market.bar import MINUTE_MS, Bar
from market.clock import IST
from market.sessions import SessionTable
from settings.strategy_files import file_names, shipped
from settings.strategy_schema import StrategySettings

SYMBOLS: Final = 2_000
WARM: Final = 120
"""Minutes before the first that counts."""
MINUTES: Final = 40
ONE_MS: Final = 30.0
"""`ema_vwap` for all symbols, of one core."""
ALL_MS: Final = 250.0
EVERYWHERE: Final = {"symbols": (), "kinds": ()}
"""So that a strategy for a few symbols is asked about all."""


def measure() -> list[Result]:
    """Bars into the studies of 2,000 symbols, until every strategy has decided, by minute; processor time."""
    chosen = {name: shipped(name).model_copy(update=EVERYWHERE) for name in file_names()}
    results = []
    for name, strategy in chosen.items():
        took = _minutes_ms([strategy])
        every = int(strategy.timeframe.removesuffix("m"))
        closing = median(took[number] for number in range(WARM, WARM + MINUTES) if (number + 1) % every == 0)
        limit = ONE_MS if name == "ema_vwap" else None
        results += [
            Result(f"{name}: {SYMBOLS:,} {strategy.timeframe} bars close", closing, "ms", at_most=limit),
            Result("  a bar", closing * 1000 / SYMBOLS, "µs"),
        ]
    took = _minutes_ms(list(chosen.values()))[WARM:]
    return [
        *results,
        Result(f"all {len(chosen)} together, the median minute", median(took), "ms"),
        Result("  the longest minute, in which 1m, 5m, 15m and 75m bars close", max(took), "ms", at_most=ALL_MS),
    ]


def _minutes_ms(strategies: Sequence[StrategySettings]) -> list[float]:
    watched = instruments(SYMBOLS).values()
    table, playbook = SessionTable(), Playbook(strategies, watched)
    studies = [Study(each, table.hours(each), playbook.plans(each), playbook.references) for each in watched]
    took = []
    for bars in _minutes():
        began = process_time()
        for study, bar in zip(studies, bars, strict=True):
            study.pass_time(bar.start_ms)
            for runner in study.take(bar):
                runner.on_bar(runner.chart.bar)
        took.append((process_time() - began) * 1000)
    return took


def _minutes() -> Iterator[list[Bar]]:
    """A bar for every symbol and minute, walking on the grid."""
    rng = random.Random(1)
    closes = [round(100 + rng.random() * 2000, 1) for _ in range(SYMBOLS)]
    day = datetime.fromtimestamp(OPEN_MS / 1000, IST).date()
    for number in range(WARM + MINUTES):
        start = OPEN_MS + number * MINUTE_MS
        bars = []
        for at, open_ in enumerate(closes):
            close = closes[at] = round(max(20.0, open_ + rng.randrange(-20, 21) * 0.05), 2)
            high, low = max(open_, close) + 0.05, min(open_, close) - 0.05
            bars.append(Bar(start, start + MINUTE_MS, day, open_, high, low, close, rng.randrange(1, 5000)))
        yield bars
