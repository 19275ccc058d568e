"""Feeds of the local exchange, and somebody who keeps what they tell."""

import threading
from collections.abc import Callable, Collection
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from actors.feed_actor import FeedActor
from actors.feed_reader import FeedReader
from actors.messages import FeedStatus, HealthMessage
from brokers.cooldowns import Cooldowns
from brokers.dhan import Credentials
from brokers.dhan.connection import DhanFeed
from brokers.listing import Listing
from brokers.reconnect import Delays
from brokers.websocket.deadlines import Deadlines
from market.clock import SystemClock
from market.instrument import Instrument, Kind
from market.tick import TickBatch
from settings.schema import Dhan
from settings.secrets import Secret
from simulator.pace import ConstantPace
from simulator.server import LocalExchange
from simulator.session import Session
from simulator.synthetic import synthetic_session

START_MS = 1_763_351_100_000
"""Monday 17 November 2025, 09:15 in India."""
QUOTES = 4
"""Dhan's code of quote packets, which is the local exchange's number for their stream."""
PATIENCE_S = 20.0
TOKEN, CLIENT = "eyJhbGciOi.tok3n-of-nobody.s1gnature", "1000000001"
SLOWLY: dict[str, Any] = {"ticks": 20_000, "pace": ConstantPace(2000, 1000)}
"""A session that outlasts its test."""
QUICK = Deadlines(turn=0.02, farewell=0.2)
SOON = Delays(
    retry_first=0.01, retry_longest=0.02, cool_first=0.05, cool_longest=0.1, rejected=(0.02, 0.02), token_poll=0.02
)


Play = Callable[..., LocalExchange]


class Told:
    """Stands in for the router and for the health actor: keeps what it is told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.batches: list[TickBatch] = []
        self.interruptions = 0
        self.is_finished = False
        self.messages: list[HealthMessage] = []
        self._news = threading.Condition()

    def route(self, batch: TickBatch) -> None:
        with self._news:
            self.batches.append(batch)
            self._news.notify_all()

    def interrupted(self, keys: Collection[int]) -> None:
        with self._news:
            self.interruptions += 1
            self._news.notify_all()

    def finished(self) -> None:
        with self._news:
            self.is_finished = True
            self._news.notify_all()

    def tell(self, message: HealthMessage) -> None:
        with self._news:
            self.messages.append(message)
            self._news.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE_S), [self.statuses[-5:], self.ticks]

    def wait_state(self, state: str, said: str = "", times: int = 1) -> FeedStatus:
        """The last of `times` changes to a state with these words."""

        def found() -> list[FeedStatus]:
            return [status for status in self.statuses if status.state == state and said in status.detail]

        self.wait(lambda: len(found()) >= times)
        return found()[times - 1]

    @property
    def statuses(self) -> list[FeedStatus]:
        return [message for message in self.messages if isinstance(message, FeedStatus)]

    @property
    def states(self) -> list[str]:
        return [status.state for status in self.statuses]

    @property
    def ticks(self) -> int:
        return sum(map(len, self.batches))


def session_of(count: int, ticks: int) -> Session:
    return synthetic_session([f"NSE:S{number}" for number in range(count)], ticks, 1000, START_MS)


def listings_of(count: int) -> list[Listing]:
    return [Listing(Instrument(f"NSE:S{number}", "NSE", Kind.EQUITY), 1, number + 1) for number in range(count)]


def fixed_credentials() -> Credentials:
    return Credentials(Secret(CLIENT), Secret(TOKEN))


class Feeds:
    """Starts feeds; ends them all with the test."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory = directory
        self._stack = stack

    def protocol(
        self, url: str, count: int = 4, market_clock: str = "wall", credentials: Callable[[], Credentials] | None = None
    ) -> DhanFeed:
        settings = Dhan(url=url).model_copy(update={"market_clock": market_clock})
        return DhanFeed("dhan-1", settings, listings_of(count), credentials or fixed_credentials)

    def start(
        self,
        protocol: DhanFeed,
        told: Told,
        market_clock: Any = "wall",
        deadlines: Deadlines = QUICK,
        delays: Delays = SOON,
        *,
        data_expected: bool = False,
    ) -> FeedReader:
        clock = SystemClock()
        reader = FeedReader(
            protocol,
            told,
            clock,
            told,
            Cooldowns(self.directory, clock),
            market_clock,
            lambda: data_expected,
            deadlines,
            delays,
            Random(1),
        )
        actor = FeedActor.start(reader)
        self._stack.callback(lambda: actor.stop(timeout=PATIENCE_S) if actor.is_alive() else None)
        return reader


def is_running(reader: FeedReader) -> bool:
    return any(thread.name == reader.heartbeat.name for thread in threading.enumerate())
