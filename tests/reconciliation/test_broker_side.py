"""The broker's candles, asked for over real HTTP from the local exchange."""

from collections.abc import Iterator

import pytest

from brokers.dhan import Credentials
from brokers.dhan.history import DhanHistory
from brokers.dhan.instruments import read_master
from brokers.listing import Listing
from errors import CredentialsError, UnavailableError
from market.clock import SystemClock
from market.days import day_of, start_of_day
from market.sessions import DAY_MS
from reconciliation.broker_side import TRIES, broker_day
from reconciliation.comparison import compare
from reconciliation.pair import pair_up
from settings.schema import PROGRAM, Dhan, Simulator
from settings.secrets import Secret
from simulator.dhan_rest import CANDLES, rest_of
from simulator.rest import RestService
from simulator.rest_faults import Empty, Refuse
from simulator.session import Session
from simulator.session_file import load_session
from tests.factories import real_bars, session_table
from tests.reconciliation.sides import recording, unlisted

FAST = 1000.0
DOWN = Refuse(500, "DH-908", "it is down")


@pytest.fixture(scope="module")
def session() -> Session:
    return load_session(Simulator().session)


@pytest.fixture(scope="module")
def listings(session: Session) -> list[Listing]:
    by_symbol = {each.instrument.symbol: each for each in read_master(PROGRAM / "simulator/data/scrip-master.csv")}
    return [by_symbol[symbol] for symbol in session.symbols[:30]]


@pytest.fixture
def service(session: Session, listings: list[Listing]) -> Iterator[RestService]:
    endpoints = rest_of(session, listings, lambda: len(session))
    endpoints.limits = {}
    with RestService(endpoints) as running:
        yield running


@pytest.fixture
def history(service: RestService) -> Iterator[DhanHistory]:
    asking = DhanHistory(
        Dhan(rest_url=service.url), lambda: Credentials(Secret("1"), Secret("a.b")), SystemClock(), FAST, FAST
    )
    yield asking
    asking.stop()


DAY_OF_DATA = day_of(next(iter(real_bars().values()))[0].start_ms)
SINCE = start_of_day(DAY_OF_DATA)


def test_the_whole_day_of_every_symbol_is_there(history: DhanHistory, listings: list[Listing]):
    answered: list[int] = []
    theirs = broker_day(history, listings, SINCE, SINCE + DAY_MS, lambda: answered.append(1))
    symbols = [listing.instrument.symbol for listing in listings]
    ours = recording({symbol: real_bars()[symbol] for symbol in symbols})
    found = compare(pair_up(DAY_OF_DATA, ours, theirs.recording, unlisted, session_table()))
    assert (found.symbols, found.equal_symbols) == (30, 30)
    assert found.bars == sum(len(real_bars()[symbol]) for symbol in symbols)
    assert (theirs.unanswered, len(answered)) == ((), 30)


def test_a_symbol_is_asked_for_again_when_the_answer_was_a_failure(
    history: DhanHistory, listings: list[Listing], service: RestService
):
    service.faults.security(listings[3].security_id, DOWN, DOWN)
    theirs = broker_day(history, listings, SINCE, SINCE + DAY_MS, lambda: None)
    assert theirs.unanswered == ()
    assert service.counts[CANDLES] == 32


def test_a_symbol_without_an_answer_is_named_and_the_others_are_there(
    history: DhanHistory, listings: list[Listing], service: RestService
):
    service.faults.security(listings[3].security_id, *[DOWN] * TRIES)
    service.faults.security(listings[5].security_id, Empty())
    theirs = broker_day(history, listings, SINCE, SINCE + DAY_MS, lambda: None)
    assert theirs.unanswered == (f"{listings[3].instrument.symbol}: HTTP 500 DH-908 it is down",)
    assert set(range(30)) - set(theirs.recording.rows.symbol.tolist()) == {3, 5}


def test_a_broker_that_is_down_is_told_instead_of_compared_with(
    history: DhanHistory, listings: list[Listing], service: RestService
):
    service.faults.next_requests(*[DOWN] * (TRIES * len(listings)))
    with pytest.raises(UnavailableError, match=r"no candles of 30 of 30 symbols, such as .*it is down"):
        broker_day(history, listings, SINCE, SINCE + DAY_MS, lambda: None)


def test_a_refused_token_is_told_at_once(history: DhanHistory, listings: list[Listing], service: RestService):
    service.faults.token("a.b", Refuse(401, "DH-901", "expired"))
    with pytest.raises(CredentialsError, match=r"no candles: .*expired"):
        broker_day(history, listings, SINCE, SINCE + DAY_MS, lambda: None)
    assert service.counts[CANDLES] < 20


def test_no_candle_at_all_is_an_empty_side(history: DhanHistory, listings: list[Listing]):
    theirs = broker_day(history, listings, SINCE + 2 * DAY_MS, SINCE + 3 * DAY_MS, lambda: None)
    assert len(theirs.recording.rows) == 0
