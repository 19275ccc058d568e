"""A cold start in the middle of the morning, and a second one: `python -m bench.cold_start [SYMBOLS]`.

The whole program against the local exchange, which plays a recorded day at the market's own pace, and its REST half,
which answers after 0.9 s and refuses what is above the broker's limits. 2,000 symbols take about nine minutes.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from actors.feed_reader import FeedReader
from actors.messages import HealthMessage, Ref
from actors.router import Router
from bench.result import Result
from brokers.cooldowns import Cooldowns
from brokers.dhan import DhanBroker
from brokers.history import History
from brokers.listing import Listing
from market.bar import MINUTE_MS
from market.clock import IST, SystemClock
from market.instrument import Instrument, Kind
from settings.schema import Channel, Control, Settings, Simulator, Store
from simulator.dhan import DhanWire
from simulator.dhan_rest import CANDLES, QUOTES, DhanRest, rest_of
from simulator.pace import MarketPace
from simulator.rest import RestService
from simulator.rest_faults import Body, RestFaults
from simulator.server import LocalExchange
from simulator.session import Session
from simulator.session_file import load_session
from system import System

START_MS = round(datetime(2016, 9, 30, 10, 0, 20, tzinfo=IST).timestamp() * 1000)
ANSWER_S = 0.9
FIRST = 200
LOOK_S = 0.5


class MarketClock(SystemClock):
    """The wall shows the morning of the recorded day; it can be stopped."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._stopped_ms: int | None = None

    def now_ms(self) -> int:
        passed = START_MS + round((time.monotonic() - self._began) * 1000)
        return passed if self._stopped_ms is None else self._stopped_ms

    def stop(self) -> None:
        self._stopped_ms = self.now_ms()


class SlowRest:
    """Dhan's answers after the time they take."""

    def __init__(self, rest: DhanRest) -> None:
        self.limits = rest.limits
        self._rest = rest

    def security(self, path: str, wish: Mapping[str, Any]) -> int | None:
        return self._rest.security(path, wish)

    def answer(self, path: str, wish: Mapping[str, Any], faults: RestFaults) -> tuple[int, Body]:
        threading.Event().wait(ANSWER_S)
        return self._rest.answer(path, wish, faults)


def copies(session: Session, symbols: int) -> Session:
    """The recorded stocks again and again under other names."""
    times = -(-symbols // len(session.symbols))
    names = [f"{name.replace('&', '')}{copy}" for copy in range(times) for name in session.symbols]
    offsets = np.arange(times) * len(session.symbols)
    symbol = (session.symbol[:, None] + offsets).ravel()
    kept = symbol < symbols

    def spread(column: Any) -> Any:
        return np.repeat(column, times)[kept]

    return Session(
        tuple(names[:symbols]), symbol[kept], spread(session.times_ms), spread(session.prices),
        spread(session.volumes), spread(session.due_ms),
    )  # fmt: skip


def after(session: Session, rows: int) -> Session:
    """The rest of it."""
    return Session(
        session.symbols, session.symbol[rows:], session.times_ms[rows:], session.prices[rows:],
        session.volumes[rows:], session.due_ms[rows:],
    )  # fmt: skip


def measure(symbols: int) -> list[Result]:
    day = copies(load_session(Simulator().session), symbols)
    listings = [Listing(Instrument(name, "NSE", Kind.EQUITY), 1, 1000 + n) for n, name in enumerate(day.symbols)]
    missed = int(np.searchsorted(day.due_ms, START_MS))
    clock = MarketClock()
    rest = after(day, missed)
    exchange = LocalExchange(rest, DhanWire(rest.symbols, listings), pace=MarketPace(1.0), at_once=True)
    service = RestService(SlowRest(rest_of(day, listings, lambda: missed + exchange.played)))
    with tempfile.TemporaryDirectory() as directory, exchange, service:
        settings = Settings(
            simulator=Simulator(market_clock="wall"),
            channel=(Channel(name="signals", kind="jsonl", path=Path(directory) / "signals.jsonl"),),
            store=Store(directory=Path(directory)),
            control=Control(port=0),
        )
        cold = _cold(settings, listings, exchange, service, clock)
        clock.stop()
        return cold + _again(settings, listings, service, clock)


def _cold(
    settings: Settings, listings: list[Listing], exchange: LocalExchange, service: RestService, clock: MarketClock
) -> list[Result]:
    broker = DhanBroker.simulated(settings, exchange.url, service.url)

    def readers(router: Router, health: Ref[HealthMessage], averages: bool) -> list[FeedReader]:  # noqa: FBT001
        cooldowns = Cooldowns(settings.state_directory, clock)
        return [
            FeedReader(protocol, router, clock, health, cooldowns, "wall", lambda: True)
            for protocol in broker.feeds(listings, averages=averages)
        ]

    began = time.monotonic()
    system = _system(settings, listings, clock, broker.history(clock), readers)
    started = time.monotonic() - began
    first = all_warm = 0.0
    slowest = 0.0
    while not all_warm:
        threading.Event().wait(LOOK_S)
        asked = time.monotonic()
        system.answers.inspect(listings[0].instrument.symbol)
        passed = time.monotonic() - began
        slowest, warm = max(slowest, time.monotonic() - asked), system.answers.warm
        first = first or (passed if warm >= min(FIRST, len(listings)) else 0.0)
        all_warm = passed if warm == len(listings) else 0.0
        if passed > len(listings) * 0.5 + 120:
            print(f"only {warm} warm after {passed:.0f} s")
            break
    while system.history_left and time.monotonic() - began < len(listings) + 120:
        threading.Event().wait(LOOK_S)
    repaired = time.monotonic() - began
    requests, most = service.counts[CANDLES], service.most_in_a_second
    system.stop()
    lost = exchange.packets_sent - system.answers.seen().ticks
    return [
        Result("start returns after", started, "s", at_most=10),
        Result(f"first {FIRST} warm after", first, "s", at_most=60),
        Result("all warm after", all_warm, "s", at_most=540),
        Result("every minute of the start repaired after", repaired, "s"),
        Result("requests for candles", requests, ""),
        Result("most within a second, candles", most[CANDLES], "", at_most=5),
        Result("most within a second, quotes", most[QUOTES], "", at_most=1),
        Result("refused", service.refused, "", at_most=0),
        Result("slowest answer of a symbol meanwhile", slowest, "s", at_most=1),
        Result("ticks sent and not seen", lost, "", at_most=100),
    ]


def _again(settings: Settings, listings: list[Listing], service: RestService, clock: MarketClock) -> list[Result]:
    asked = service.counts[CANDLES]
    broker = DhanBroker.simulated(settings, "ws://127.0.0.1:9", service.url)
    began = time.monotonic()
    system = _system(settings, listings, clock, broker.history(clock), lambda *_: [])
    warm = 0
    while warm < len(listings) and time.monotonic() - began < MINUTE_MS / 1000:
        threading.Event().wait(0.05)
        warm = system.answers.warm
    took = time.monotonic() - began
    while not service.counts[QUOTES]:
        threading.Event().wait(LOOK_S)
    threading.Event().wait(3 * ANSWER_S)
    system.stop()
    return [
        Result("second start: all warm after", took, "s", at_most=10),
        Result("second start: warm symbols", warm, "", at_least=len(listings)),
        Result("second start: requests for candles", service.counts[CANDLES] - asked, "", at_most=0),
    ]


def _system(
    settings: Settings, listings: list[Listing], clock: MarketClock, history: History | None, readers: Any
) -> System:
    instruments = {listing.key: listing.instrument for listing in listings}
    system = System(settings, instruments, clock, readers, data_clock=False, history=history)
    system.start()
    return system


if __name__ == "__main__":
    for result in measure(int(sys.argv[1]) if len(sys.argv) > 1 else 2000):
        print(result.text())
