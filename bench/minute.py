"""The end of a minute for 2,000 symbols: until the last of its bars is on the disk (120 minutes in one run)."""

import random
import threading
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Final

from actors.alert_actor import AlertActor
from actors.line import Line
from actors.messages import Committed
from bench.disk import place
from bench.drain import drain
from bench.exchange import TICK
from bench.market import OPEN_MS, instruments
from bench.result import Result, percentile
from bench.stand_ins import Deaf
from collector import spare_the_collector
from market.bar import MINUTE_MS, Bar
from market.clock import SystemClock
from market.tick import TickBatch
from settings.schema import Alerts
from settings.strategy_files import file_names, shipped
from store.store import Store

SYMBOLS: Final = 2_000
WARM: Final = 60
"""Minutes until every indicator is ready; they do not count."""
MINUTES: Final = 120
SHIPPED: Final = ("ema_vwap",)
SHIPPED_MS: Final = 60.0
ALL_MS: Final = 300.0
WAIT_S: Final = 30.0


def measure() -> list[Result]:
    """From `MinuteEnded` until the commit has returned, while the signals of that minute are committed too."""
    everything = tuple(file_names())
    took = {names: _commits_ms(names) for names in dict.fromkeys((SHIPPED, everything))}
    what = f"minute end to commit of the last of {SYMBOLS:,} bars"
    return [
        Result(f"{what}, p99", percentile(took[SHIPPED], 99), "ms", at_most=SHIPPED_MS),
        Result("  p50", percentile(took[SHIPPED], 50), "ms"),
        Result(f"  with all of {', '.join(everything)}, p99", percentile(took[everything], 99), "ms", at_most=ALL_MS),
    ]


def _commits_ms(strategies: Sequence[str]) -> list[float]:
    with place() as directory:
        store = Store(directory, SystemClock())
        store.start()
        alerts = AlertActor.start(store, Alerts(), (), Deaf())
        closed = threading.Event()

        def keep(bars: Sequence[tuple[str, Bar]]) -> None:
            assert len(bars) == SYMBOLS
            store.write_bars(bars)
            closed.set()

        chosen = [shipped(name) for name in strategies]
        line = Line(chosen, instruments(SYMBOLS), keep, alerts, Deaf(), None)
        line.start()
        spare_the_collector()
        took = []
        for number, batch in enumerate(_minutes()):
            line.router.route(batch)
            drain(line)
            closed.clear()
            began = perf_counter()
            line.router.minute_ended(OPEN_MS + number * MINUTE_MS, OPEN_MS + (number + 1) * MINUTE_MS)
            assert closed.wait(WAIT_S)
            assert store.flush(WAIT_S)
            took.append((perf_counter() - began) * 1000)
            alerts.ask(Committed(), timeout=WAIT_S)  # the next minute does not pay for this one's signals
            assert store.flush(WAIT_S)
        line.stop()
        alerts.stop()
        store.stop()
    return took[WARM:]


def _minutes() -> Iterator[TickBatch]:
    """Two ticks for every symbol and minute, walking on the grid."""
    rng = random.Random(1)
    steps = [rng.randrange(2_000, 80_000) for _ in range(SYMBOLS)]
    for number in range(WARM + MINUTES):
        batch = TickBatch(OPEN_MS)
        for second in (5, 55):
            steps = [step + rng.randrange(-3, 4) for step in steps]
            batch.keys += range(SYMBOLS)
            batch.times_ms += [OPEN_MS + number * MINUTE_MS + second * 1000] * SYMBOLS
            batch.prices += [round(step * TICK, 2) for step in steps]
            batch.volumes += [number * 100 + second] * SYMBOLS
        yield batch
