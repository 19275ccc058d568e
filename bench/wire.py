"""From the wire to a decision: a stop or target reached by a tick, at 10,000 ticks/s over TLS (one run of 10 s)."""

import os
from dataclasses import replace
from time import perf_counter
from typing import Final

import numpy as np

from actors.feed_reader import FeedReader
from actors.line import Line
from actors.messages import AlertMessage, HealthMessage, Raised
from actors.router import Router
from bench.certificate import TRUST, write_certificate
from bench.disk import place
from bench.exchange import TICK, WARM_BARS, playing, warm_session, write_master
from bench.result import Result, percentile
from bench.stand_ins import forget
from brokers.cooldowns import Cooldowns
from brokers.dhan import DhanBroker
from brokers.dhan.instruments import read_master
from collector import spare_the_collector
from market.clock import SystemClock
from market.tick import TickBatch
from market.watermark import Watermark
from settings.schema import Settings, Simulator
from settings.strategy_files import shipped
from signals.signal import Reason
from simulator.session import Session

SYMBOLS: Final = 2_000
RATE: Final = 10_000
QUIET_S: Final = 2.0
EXITS_S: Final = 8.0
TARGET: Final = 50.0
"""Rupees from the entry: out of reach of the minutes before."""
JUMP: Final = 60.0
STRATEGY: Final = shipped("ema_vwap").model_copy(
    update={"trigger": "level", "target": f"{TARGET}", "stop": "", "exit": "none"}
)
END_S: Final = 60.0
EXPECTED_MS: Final = {50: 0.3, 99: 3.0}


class StampClock(SystemClock):
    """Remembers to the microsecond when the last receive stamp was taken, which itself is in milliseconds."""

    stamp: float = 0.0

    def now_ms(self) -> int:
        self.stamp = perf_counter()
        return super().now_ms()


class Tap:
    """Stands before the router: remembers each batch with its stamp, and lets it pass."""

    def __init__(self, router: Router, clock: StampClock) -> None:
        self.batches: list[tuple[float, TickBatch]] = []
        self._clock = clock
        self._route = router.route
        self.interrupted, self.finished = router.interrupted, router.finished

    def route(self, batch: TickBatch) -> None:
        self.batches.append((self._clock.stamp, batch))
        self._route(batch)


class Sink:
    """Stands for the alert actor and for health: remembers what it was told, and when."""

    def __init__(self) -> None:
        self.told: list[tuple[float, AlertMessage | HealthMessage]] = []

    def tell(self, message: AlertMessage | HealthMessage) -> None:
        self.told.append((perf_counter(), message))


def measure() -> list[Result]:
    """Each of 2,000 signals ends once, spread evenly over the run; stamps to the moment the alert actor is told."""
    waits = _waits_ms()
    assert len(waits) == SYMBOLS, f"{len(waits)} exits"
    what = f"wire to decision, tick exit at {RATE:,} ticks/s"
    return [
        *(
            Result(f"{what}, p{percent}", percentile(waits, percent), "ms", at_most=most)
            for percent, most in EXPECTED_MS.items()
        ),
        Result("  the longest", max(waits), "ms"),
    ]


def _waits_ms() -> list[float]:
    clock, sink = StampClock(), Sink()
    with place() as directory:
        master, certificate = write_master(directory / "master.csv", SYMBOLS), write_certificate(directory / "tls.pem")
        os.environ[TRUST] = str(certificate)
        listings = list(read_master(master))
        line = Line([STRATEGY], {one.key: one.instrument for one in listings}, forget, sink, sink, Watermark(1500))
        with playing(_session(), RATE, master, certificate) as exchange:
            broker = DhanBroker.simulated(Settings(simulator=Simulator(instruments=master)), exchange.url)
            tap = Tap(line.router, clock)
            (feed,) = broker.feeds(listings)
            reader = FeedReader(feed, tap, clock, sink, Cooldowns(directory, clock), "data", lambda: True)
            line.start()
            spare_the_collector()
            reader.start()
            assert line.router.over.wait(END_S)
            reader.stop()
        line.stop()
    came, keys = _came(tap.batches), {one.instrument.symbol: one.key for one in listings}
    return [
        (at - came[keys[message.transition.symbol]]) * 1000
        for at, message in sink.told
        if isinstance(message, Raised) and message.transition.reason is Reason.TARGET
    ]


def _session() -> Session:
    """Every symbol rises bar by bar, so that all are in a signal; then each in its turn jumps past its target."""
    session = warm_session(SYMBOLS, RATE, QUIET_S + EXITS_S)
    rounds = session.symbol.reshape(-1, SYMBOLS)  # in each, every symbol comes once
    first = WARM_BARS + round(QUIET_S * RATE) // SYMBOLS
    jumps_in = first + np.arange(SYMBOLS) * (len(rounds) - first) // SYMBOLS
    number, starts = np.arange(len(rounds))[:, None], session.prices[np.argsort(rounds[0])]
    prices = starts[rounds] + TICK * np.minimum(number, WARM_BARS) + JUMP * (number >= jumps_in[rounds])
    return replace(session, prices=np.round(prices.ravel(), 2).astype(np.float64))


def _came(batches: list[tuple[float, TickBatch]]) -> dict[int, float]:
    """For each key the stamp of the read that brought its jump."""
    first: dict[int, float] = {}
    came: dict[int, float] = {}
    for stamp, batch in batches:
        for key, price in zip(batch.keys, batch.prices, strict=True):
            if price > first.setdefault(key, price) + TARGET:
                came.setdefault(key, stamp)
    return came
