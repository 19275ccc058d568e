"""Ticks a second through router, actors, bars, indicators, rule and state machine (medians of 5 at 2,000, else 3)."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Final

from actors.line import Line
from bench import market
from bench.baselines import ThreadPerSymbol, plain_loop, talipp_loop
from bench.drain import end
from bench.result import Result
from bench.stand_ins import Deaf, forget
from collector import spare_the_collector
from market.tick import TickBatch
from market.watermark import Watermark
from settings.strategy_files import shipped
from settings.strategy_schema import StrategySettings

RUNS: Final = 5
OTHER_RUNS: Final = 3
"""With other numbers of symbols, and of the threads."""
TICKS_A_BAR: Final = 12.5
"""A symbol trades as often however many there are, so that ticks are compared and not bars."""
SYMBOLS: Final = 2_000
STRATEGY: Final = shipped("ema_vwap")
HASTY: Final = STRATEGY.model_copy(update={"parameters": STRATEGY.parameters | {"fast": 2, "middle": 3, "slow": 5}})
"""Ready within the few minutes that 3 million ticks of very many symbols last."""
MINUTES: Final = {200: (375, STRATEGY), 2_000: (120, STRATEGY), 10_000: (24, HASTY), 25_000: (10, HASTY)}
"""By number of symbols: how long the session is, and what is run on it."""
THREADED_BATCHES: Final = 600


def measure() -> list[Result]:
    """Ratios are from the same run and the same ticks."""
    results, cost = [], {}
    for symbols, (minutes, strategy) in MINUTES.items():
        ticks = round(symbols * minutes * TICKS_A_BAR)
        batches = market.session(symbols, ticks, minutes)
        spare_the_collector()
        ours, plain, talipp = [], [], []
        for _ in range(RUNS if symbols == SYMBOLS else OTHER_RUNS):
            ours.append(_ours(batches, symbols, strategy))
            if symbols == SYMBOLS:
                plain.append(_timed(plain_loop, batches))
                talipp.append(_timed(talipp_loop, batches))
        cost[symbols] = median(ours) / ticks
        results.append(Result(f"ticks/s through the line, {symbols:,} symbols", 1 / cost[symbols], "/s"))
        if symbols == SYMBOLS:
            results += [
                Result("  plain loop without actors", ticks / median(plain), "/s"),
                Result("  ours ÷ plain loop", median(plain) / median(ours), "×", at_least=0.5, must=0.2),
                Result("  talipp objects in a plain loop", ticks / median(talipp), "/s"),
                Result("  ours ÷ talipp loop", median(talipp) / median(ours), "×", at_least=1.0),
                *_against_threads(batches[:THREADED_BATCHES], cost[symbols]),
            ]
    few = min(cost)
    for symbols in sorted(cost)[1:]:
        ratio = cost[symbols] / cost[few]
        results.append(Result(f"cost a tick, {symbols:,} ÷ {few} symbols", ratio, "×", at_most=1.5))
    return results


def _ours(batches: list[TickBatch], symbols: int, strategy: StrategySettings) -> float:
    """Seconds for all ticks, from the first `route` until every actor has handled everything."""
    line = Line([strategy], market.instruments(symbols), forget, Deaf(), Deaf(), Watermark(1500))
    line.start()
    began = perf_counter()
    for batch in batches:
        line.router.route(batch)
    line.router.finished()
    line.router.over.wait()
    took = perf_counter() - began
    end(line)
    return took


def _against_threads(batches: list[TickBatch], cost: float) -> list[Result]:
    ticks = sum(map(len, batches))
    took = []
    for _ in range(OTHER_RUNS):
        threads = ThreadPerSymbol(SYMBOLS)
        began = perf_counter()
        threads.run(batches)
        took.append(perf_counter() - began)
    each = median(took) / ticks
    return [
        Result("  one ThreadingActor per symbol", 1 / each, "/s"),
        Result("  ours ÷ ThreadingActor per symbol", each / cost, "×", at_least=60, must=25),
    ]


def _timed(loop: Callable[[list[TickBatch], int], int], batches: list[TickBatch]) -> float:
    began = perf_counter()
    loop(batches, SYMBOLS)
    return perf_counter() - began
