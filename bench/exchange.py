"""The local exchange in a process of its own, with a session that warms every symbol up before it runs in real time."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Literal

import numpy as np

from bench.market import OPEN_MS
from brokers.dhan.instruments import read_master
from market.bar import MINUTE_MS
from simulator.dhan import DhanWire
from simulator.pace import Pace
from simulator.server import LocalExchange
from simulator.session import Floats, Integers, Session

TICK: Final = 0.05
"""Rupees; 5 paise in the instrument list."""
WARM_BARS: Final = 60
"""The longest average of the shipped strategy needs 55."""
WARM_S: Final = 6.0
"""For all the minutes before real time begins."""
LIVE_S: Final = 50.0
"""Of real time, for whoever does not know how much he needs."""
LIVE_FROM_MS: Final = 45_000
"""Of its minute, so that a minute ends 15 s into real time."""
START_S: Final = 60.0
HEADER: Final = (
    "SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_TRADING_SYMBOL,SEM_SERIES,SEM_TICK_SIZE\n"
)


@dataclass(frozen=True, slots=True)
class WarmPace(Pace):
    """The first rows quickly, but no faster than a program can take them; the others so many a second."""

    warm: int
    rate: float

    def schedule(self, due_ms: Integers) -> Floats:
        rows = np.arange(len(due_ms))
        return np.where(rows < self.warm, rows * WARM_S / self.warm, WARM_S + (rows - self.warm) / self.rate)


def write_master(path: Path, symbols: int) -> Path:
    """An instrument list in Dhan's compact layout."""
    path.write_text(HEADER + "".join(f"NSE,E,{number + 1},EQUITY,S{number:05},EQ,5\n" for number in range(symbols)))
    return path


def warm_session(symbols: int, rate: float, seconds: float) -> Session:
    """A tick a minute and symbol for an hour, then `rate` ticks a second in real time: seeded walks on the grid.

    In real time a minute ends after 15 s, and its bars close a grace period later.
    """
    random = np.random.default_rng(1)
    warm, live = symbols * WARM_BARS, round(rate * seconds)
    rounds = -(-(warm + live) // symbols)
    symbol = random.permuted(np.tile(np.arange(symbols), (rounds, 1)), axis=1).ravel()[: warm + live]
    minute, place = np.divmod(np.arange(warm), symbols)
    warm_ms = minute * MINUTE_MS + place * (MINUTE_MS - 1000) // symbols
    live_ms = WARM_BARS * MINUTE_MS + LIVE_FROM_MS + (np.arange(live) * 1000 / rate).astype(np.int64)
    steps = random.integers(-1, 1, len(symbol), endpoint=True)
    prices, volumes = np.zeros(len(symbol), np.int64), random.integers(1, 500, len(symbol))
    starts = random.integers(2_000, 80_000, symbols)
    by_symbol = np.argsort(symbol, kind="stable")
    for rows in np.split(by_symbol, np.flatnonzero(np.diff(symbol[by_symbol])) + 1):
        prices[rows] = starts[symbol[rows[0]]] + np.cumsum(steps[rows])
        volumes[rows] = np.cumsum(volumes[rows])
    names = tuple(f"NSE:S{number:05}" for number in range(symbols))
    times_ms = OPEN_MS + np.concatenate((warm_ms, live_ms))
    return Session(names, symbol, times_ms, np.round(prices * TICK, 2), volumes, times_ms)


class Exchange:
    """Our end of the process that plays."""

    def __init__(self, url: str, warm: int, pipe: Connection) -> None:
        self.url = url
        self._warm = warm
        self._pipe = pipe

    def sent(self) -> int:
        """Rows of the session sent to the first client so far."""
        self._pipe.send("sent")
        sent: int = self._pipe.recv()
        return sent

    def wait(self, seconds: float) -> None:
        """Let so much time pass. Raises: EOFError when the exchange has ended, which it must not."""
        if self._pipe.poll(seconds):
            self._pipe.recv()

    def wait_live(self) -> None:
        """Wait until real time has begun."""
        while self.sent() <= self._warm:
            self.wait(0.1)


@contextmanager
def playing(session: Session, rate: float, master: Path, certificate: Path | None = None) -> Iterator[Exchange]:
    """Serve the session to whoever comes, on loopback, over TLS when there is a certificate."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    warm = len(session.symbols) * WARM_BARS
    process = context.Process(target=_play, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.send((session, WarmPace(warm, rate), master, certificate))  # as arguments they would be too much for start
        if not ours.poll(START_S):
            raise TimeoutError("the exchange does not start")
        yield Exchange(ours.recv(), warm, ours)
    finally:
        ours.close()
        process.join(START_S)


def _play(pipe: Connection) -> None:
    arguments: tuple[Session, Pace, Path, Path | None] = pipe.recv()
    session, pace, master, certificate = arguments
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    with LocalExchange(session, DhanWire(session.symbols, read_master(master)), pace=pace, tls=tls) as exchange:
        pipe.send(exchange.url)
        request: Literal["sent"]
        try:
            while request := pipe.recv():
                assert request == "sent"
                pipe.send(exchange.connections[0].ticks_sent if exchange.connections else 0)
        except EOFError:
            return  # whoever started us has seen enough
