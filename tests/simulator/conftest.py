from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from brokers.dhan.instruments import read_master
from brokers.instrument_table import InstrumentTable
from brokers.listing import Listing
from market.instrument import Instrument, Kind
from simulator.dhan import DhanWire
from simulator.server import LocalExchange
from simulator.session import Session
from simulator.session_file import load_session
from simulator.synthetic import synthetic_session
from tests.simulator.raw_client import IDS, QUERY, START_MS, SYMBOLS, TICKS, RawClient

DATA = Path(__file__).parents[2] / "simulator" / "data"


@pytest.fixture
def connect() -> Iterator[Callable[..., RawClient]]:
    clients: list[RawClient] = []

    def connected(exchange: LocalExchange, query: str = QUERY, **options: object) -> RawClient:
        clients.append(RawClient(exchange, query, **options))
        return clients[-1]

    yield connected
    for client in clients:
        client.socket.shutdown()


@pytest.fixture
def session() -> Session:
    """Forty ticks of four symbols in four seconds."""
    return synthetic_session(SYMBOLS, TICKS, 10, START_MS)


@pytest.fixture
def wire() -> DhanWire:
    """Lists the four symbols under the ids 11 to 14."""
    names = zip(SYMBOLS, IDS, strict=True)
    return DhanWire(SYMBOLS, [Listing(Instrument(symbol, "NSE", Kind.EQUITY), 1, number) for symbol, number in names])


@pytest.fixture(scope="session")
def bundled() -> Session:
    return load_session(DATA / "nse166_1m_20160930.csv.gz")


@pytest.fixture(scope="session")
def master() -> InstrumentTable:
    return read_master(DATA / "scrip-master.csv")
