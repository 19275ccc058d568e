"""Ticks a second through router, actors, bars, indicators, rule and state machine, beside what else there is."""

import gc
import time
from statistics import median

from actors.line import Line
from bench import market
from bench.baselines import ThreadPerSymbol, plain_loop, talipp_loop
from bench.result import Result
from bench.stand_ins import Deaf, forget
from market.tick import TickBatch
from market.watermark import Watermark
from settings.schema import StrategySettings

RUNS = 5
TICKS = 3_000_000


def ours(batches: list[TickBatch], symbols: int) -> float:
    """Seconds for all ticks, from the first `route` until every actor has handled everything."""
    line = Line(
        (StrategySettings(name="ema_vwap"),),
        market.instruments(symbols),
        forget,
        Deaf(),
        Deaf(),
        Watermark(1500),
    )
    line.start()
    began = time.perf_counter()
    for batch in batches:
        line.router.route(batch)
    line.router.finished()
    line.router.over.wait()
    took = time.perf_counter() - began
    line.stop()
    return took


def measure() -> list[Result]:
    """Medians; ratios from the same run and the same ticks."""
    results = []
    cost: dict[int, float] = {}
    for symbols in (200, 2_000, 10_000, 25_000):
        batches = market.session(symbols, TICKS)
        gc.collect()
        gc.freeze()
        took, plain, talipp = [], [], []
        for _ in range(RUNS):
            took.append(ours(batches, symbols))
            if symbols == 2_000:
                plain.append(_timed(plain_loop, batches, symbols))
                talipp.append(_timed(talipp_loop, batches, symbols))
        cost[symbols] = median(took) / TICKS
        results.append(Result(f"ticks/s through the line, {symbols:,} symbols", 1 / cost[symbols], "/s"))
        if symbols == 2_000:
            results += [
                Result("  plain loop without actors", TICKS / median(plain), "/s"),
                Result("  ours ÷ plain loop", median(plain) / median(took), "×", at_least=0.5),
                Result("  talipp objects in a plain loop", TICKS / median(talipp), "/s"),
                Result("  ours ÷ talipp loop", median(talipp) / median(took), "×", at_least=1.0),
                *_against_threads(batches, cost[symbols]),
            ]
        gc.unfreeze()
    for symbols in (2_000, 10_000, 25_000):
        results.append(Result(f"cost a tick, {symbols:,} ÷ 200 symbols", cost[symbols] / cost[200], "×", at_most=1.5))
    return results


def _against_threads(batches: list[TickBatch], cost: float) -> list[Result]:
    few = batches[:600]
    ticks = sum(map(len, few))
    threads = ThreadPerSymbol(2_000)
    began = time.perf_counter()
    threads.run(few)
    each = (time.perf_counter() - began) / ticks
    return [
        Result("  one ThreadingActor per symbol", 1 / each, "/s"),
        Result("  ours ÷ ThreadingActor per symbol", each / cost, "×", at_least=60),
    ]


def _timed(loop: object, batches: list[TickBatch], symbols: int) -> float:
    assert callable(loop)
    began = time.perf_counter()
    loop(batches, symbols)
    return time.perf_counter() - began
