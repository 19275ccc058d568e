"""A morning that is watched: real REST service, real store, a line on its own worker, and a clock by hand."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from actors.line import Line
from actors.messages import AlertMessage, HealthMessage, Inspect, Raised
from actors.symbol_actor import SymbolActor
from actors.views import SymbolView
from brokers.dhan import Credentials
from brokers.dhan.history import DhanHistory
from brokers.dhan.instruments import read_master
from brokers.listing import Listing
from market.bar import Bar
from market.tick import TickBatch
from settings.schema import Dhan
from settings.secrets import Secret
from settings.strategy_schema import StrategySettings
from signals.signal import Transition
from simulator.dhan_rest import rest_of
from simulator.rest import RestService
from simulator.session import Session
from simulator.session_file import load_session
from store.store import Store
from tests.factories import ClockByHand, Told, at, ema_vwap
from warmup.recall import recall
from warmup.warm_up import WarmUp

DATA = Path(__file__).parents[2] / "simulator" / "data"
DAY = date(2016, 9, 30)
SYMBOLS = ("NSE:TCS", "NSE:INFY", "NSE:SBIN")
FAST = 2000.0
PATIENCE_S = 30.0


@pytest.fixture(scope="session")
def session() -> Session:
    return load_session(DATA / "nse166_1m_20160930.csv.gz")


@pytest.fixture(scope="session")
def listings() -> list[Listing]:
    return [each for each in read_master(DATA / "scrip-master.csv") if each.instrument.symbol in SYMBOLS]


class Morning:
    """The recorded day as far as the clock says, and a program that watches it."""

    def __init__(self, session: Session, listings: Sequence[Listing], directory: Path) -> None:
        self.session, self.listings, self.directory = session, listings, directory
        self.clock = ClockByHand(at("08:30", DAY))
        self.rest = RestService(rest_of(session, listings, self._played), clock=self.clock)
        self.key_of = {listing.instrument.symbol: listing.key for listing in listings}
        keys = np.array([self.key_of.get(symbol, -1) for symbol in session.symbols])
        self._ours = np.flatnonzero(keys[session.symbol] >= 0)
        self._row_keys = keys[session.symbol]
        self.alerts: Told[AlertMessage] = Told()
        self.health: Told[HealthMessage] = Told()
        self._next = 0
        self._running = False

    def _played(self) -> int:
        return int(np.searchsorted(self.session.due_ms, self.clock.ms))

    def start(self, *strategies: StrategySettings) -> None:
        """As the program starts, but for the feed; `strategies` instead of the usual one."""
        self._running = True
        self.store = Store(self.directory, self.clock)
        self.store.start()
        self.history = DhanHistory(
            Dhan(rest_url=self.rest.url),
            lambda: Credentials(Secret("client-of-a-test"), Secret("token-of-a-test")),
            self.clock,
            FAST,
            FAST,
        )
        self.line = Line(
            strategies or (ema_vwap(),),
            {listing.key: listing.instrument for listing in self.listings},
            self.store.write_bars,
            self.alerts,
            self.health,
            None,
            self.store.machines(),
            self._repair,
        )
        self.line.start()
        stored = recall(self.line, self.store, self.clock.ms)
        self.warm_up = WarmUp(self.history, self.line, self.store, self.clock, self.health, stored)
        self.line.router.minute_ended(self._over(), self.clock.ms)
        self._subscribe()
        self.settle()

    def stop(self) -> None:
        if self._running:
            self.warm_up.stop()
            self.line.stop()
            self.store.stop()
            self._running = False
            self.clock.pass_ms(1100)  # the service allows one request for quotes a second

    def watch(self, until: str) -> None:
        """Ticks and minute ends up to a time of the day."""
        self._go(until, seen=True)

    def miss(self, until: str) -> None:
        """The market goes on up to a time of the day, and nobody hears it."""
        self._go(until, seen=False)

    def cut(self, until: str) -> None:
        """A hole in the connection, from now on."""
        self.line.router.interrupted(list(self.line.actors))
        self.miss(until)
        self._subscribe()

    def fetch(self) -> int:
        """Everything that is due, one after the other; how many were asked for."""
        asked = 0
        while self.warm_up.step():
            asked += 1
            self.clock.pass_ms(210)  # the service allows 5 a second
        self.settle()
        return asked

    def settle(self) -> None:
        """Everything queued is done and stored."""
        done = threading.Event()
        self.line.router.put(_Set(done))
        assert done.wait(PATIENCE_S)
        assert self.store.flush(PATIENCE_S)

    def actor(self, symbol: str = SYMBOLS[0]) -> SymbolActor:
        return self.line.actors[self.key_of[symbol]]

    def view(self, symbol: str = SYMBOLS[0]) -> SymbolView:
        return cast("SymbolView", self.actor(symbol).actor_ref.ask(Inspect(), timeout=PATIENCE_S))

    def bars(self, symbol: str = SYMBOLS[0]) -> list[Bar]:
        """Today's, as the store has them."""
        self.settle()
        return self.store.symbol_bars(symbol, at("00:00", DAY))

    @property
    def transitions(self) -> list[Transition]:
        return [told.transition for told in self.alerts if isinstance(told, Raised)]

    def miss_before_start(self, until: str) -> None:
        """The market begins without us."""
        self.clock.pass_ms(at(until, DAY) - self.clock.ms)
        self._next = int(np.searchsorted(self._ours, self._played()))

    def said_of(self, symbol: str) -> set[str]:
        """What was said of a symbol, each thing once."""
        return {each.id for each in self.transitions if each.symbol == symbol}

    def _subscribe(self) -> None:
        """The feed greets each symbol with its last trade."""
        played, heard = self.session, self._ours[: self._next]
        last = {int(key): int(row) for key, row in zip(self._row_keys[heard], heard, strict=True)}
        first = {int(self._row_keys[row]): int(row) for row in self._ours[::-1]}
        for key, row in first.items():
            traded = last.get(key)
            price = float(played.prices[row if traded is None else traded])
            time_ms, volume = (0, 0) if traded is None else (int(played.times_ms[traded]), int(played.volumes[traded]))
            self.line.router.route(TickBatch(self.clock.ms, [key], [time_ms], [price], [volume]))

    def _repair(self, actor: SymbolActor, since_ms: int, until_ms: int) -> None:
        self.warm_up.hole(actor, since_ms, until_ms)

    def _over(self) -> int:
        reached = self.clock.ms - 1500
        return reached - reached % 60_000 - 60_000

    def _go(self, until: str, *, seen: bool) -> None:
        until_ms = at(until, DAY)
        while self.clock.ms < until_ms:
            boundary = self._over() + 2 * 60_000 + 1500
            self.clock.pass_ms(min(boundary, until_ms) - self.clock.ms)
            self._hear(seen=seen)
            if self.clock.ms == boundary:
                self.line.router.minute_ended(self._over(), self.clock.ms)
        self.settle()

    def _hear(self, *, seen: bool) -> None:
        stop = int(np.searchsorted(self._ours, self._played()))
        rows, self._next = self._ours[self._next : stop], stop
        if seen and len(rows):
            played = self.session
            self.line.router.route(
                TickBatch(
                    self.clock.ms,
                    self._row_keys[rows].tolist(),
                    played.times_ms[rows].tolist(),
                    played.prices[rows].tolist(),
                    played.volumes[rows].tolist(),
                )
            )


class _Set:
    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def run(self) -> None:
        self._event.set()


@pytest.fixture
def make_morning(session: Session, listings: list[Listing], tmp_path: Path) -> Iterator[Callable[[str], Morning]]:
    made: list[Morning] = []

    def make(name: str) -> Morning:
        morning = Morning(session, listings, tmp_path / name)
        morning.rest.start()
        made.append(morning)
        return morning

    yield make
    for morning in made:
        morning.stop()
        morning.rest.stop()


@pytest.fixture
def morning(make_morning: Callable[[str], Morning]) -> Morning:
    return make_morning("state")
