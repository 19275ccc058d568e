"""Dhan's history against the local exchange's REST half."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from brokers.dhan import Credentials
from brokers.dhan.history import DhanHistory, instrument_type
from brokers.dhan.history_answers import candles_of, quotes_of
from brokers.dhan.instruments import read_master
from brokers.history import DayQuote, Found
from brokers.listing import Listing
from errors import CredentialsError
from market.bar import MINUTE_MS
from market.clock import SystemClock
from market.instrument import Kind
from settings.schema import Dhan
from settings.secrets import Secret
from simulator.dhan_rest import CANDLES, QUOTES, rest_of
from simulator.rest import RestService
from simulator.rest_faults import Answer, Body, Empty, Refuse
from simulator.session import Session
from simulator.session_file import load_session
from tests.factories import instrument, real_bars

DATA = Path(__file__).parents[3] / "simulator" / "data"
SYMBOL = "NSE:TCS"
FAST = 1000.0


class Wallet:
    """Credentials that can be replaced."""

    def __init__(self) -> None:
        self.token: str | None = "old-tok.en"

    def __call__(self) -> Credentials:
        if self.token is None:
            raise CredentialsError("the environment variable DHAN_ACCESS_TOKEN is not set")
        return Credentials(Secret("client-of-a-test"), Secret(self.token))


@pytest.fixture(scope="module")
def session() -> Session:
    return load_session(DATA / "nse166_1m_20160930.csv.gz")


@pytest.fixture(scope="module")
def listings() -> list[Listing]:
    return list(read_master(DATA / "scrip-master.csv"))


@pytest.fixture
def service(session: Session, listings: list[Listing]) -> Iterator[RestService]:
    with RestService(rest_of(session, listings, lambda: len(session))) as running:
        yield running


@pytest.fixture
def wallet() -> Wallet:
    return Wallet()


@pytest.fixture
def history(service: RestService, wallet: Wallet) -> Iterator[DhanHistory]:
    asking = DhanHistory(Dhan(rest_url=service.url), wallet, SystemClock(), FAST, FAST)
    yield asking
    asking.stop()


@pytest.fixture
def listing(listings: list[Listing]) -> Listing:
    return next(each for each in listings if each.instrument.symbol == SYMBOL)


def whole_day(listing: Listing) -> tuple[Listing, int, int]:
    bars = real_bars()[SYMBOL]
    return listing, bars[0].start_ms, bars[-1].end_ms


def test_the_minutes_of_a_day_come_as_they_were_traded(history: DhanHistory, listing: Listing):
    candles = history.minutes(*whole_day(listing))
    assert candles.found is Found.GIVEN
    assert candles.rows == [each.values() for each in real_bars()[SYMBOL]]


def test_what_the_broker_gives_beyond_the_span_is_left_out(history: DhanHistory, listing: Listing):
    _, since, _ = whole_day(listing)
    candles = history.minutes(listing, since + MINUTE_MS, since + 3 * MINUTE_MS)
    assert [row[0] for row in candles.rows] == [since + MINUTE_MS, since + 2 * MINUTE_MS]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Empty(), Found.EMPTY),
        (Refuse(400, "DH-905"), Found.NO_DATA),
        (Refuse(401, "DH-901"), Found.TOKEN),
        (Refuse(400, "DH-906"), Found.TOKEN),
        (Refuse(400, "807"), Found.TOKEN),
        (Refuse(500, "DH-908"), Found.ERROR),
        (Refuse(503, ""), Found.ERROR),
    ],
)
def test_each_answer_is_known_for_what_it_is(
    history: DhanHistory, listing: Listing, service: RestService, answer: Answer, found: Found
):
    service.faults.next_requests(answer)
    assert history.minutes(*whole_day(listing)).found is found
    assert history.minutes(*whole_day(listing)).found is Found.GIVEN


class BareNumber:
    """How data endpoints word an error."""

    def give(self, proper: tuple[int, Body]) -> tuple[int, Body]:
        del proper
        return 400, {"data": {"805": "Too many requests"}, "status": "failed"}


@pytest.mark.parametrize("answer", [Refuse(429, "DH-904"), Refuse(400, "805"), BareNumber()])
def test_after_too_many_nothing_of_the_account_goes_out_for_a_while(
    history: DhanHistory, listing: Listing, service: RestService, answer: Answer
):
    service.faults.next_requests(answer)
    assert history.minutes(*whole_day(listing)).found is Found.TOO_MANY
    assert history._candles.claim() > 4
    assert history._quotes.claim() > 4


def test_a_new_token_is_used_from_the_next_request_on(
    history: DhanHistory, listing: Listing, service: RestService, wallet: Wallet
):
    service.faults.token("old-tok.en", Refuse(401, "DH-901"))
    assert history.minutes(*whole_day(listing)).found is Found.TOKEN
    wallet.token = None
    assert history.minutes(*whole_day(listing)).found is Found.TOKEN
    assert service.counts[CANDLES] == 1
    wallet.token = "new-tok.en"
    assert history.minutes(*whole_day(listing)).found is Found.GIVEN


def test_a_server_that_is_not_there_is_an_error_without_a_secret(listing: Listing, wallet: Wallet):
    history = DhanHistory(Dhan(rest_url="http://127.0.0.1:9/v2"), wallet, SystemClock(), FAST, FAST)
    candles = history.minutes(*whole_day(listing))
    assert candles.found is Found.ERROR
    assert "old-tok.en" not in candles.detail


def test_whoever_waits_for_his_turn_is_sent_away_at_the_end(service: RestService, listing: Listing, wallet: Wallet):
    history = DhanHistory(Dhan(rest_url=service.url), wallet, SystemClock(), 0.001, 0.001)
    assert history.minutes(*whole_day(listing)).found is Found.GIVEN
    history.stop()
    assert history.minutes(*whole_day(listing)).found is Found.ERROR


def test_quotes_of_all_listings_take_one_request_for_a_thousand(
    history: DhanHistory, listings: list[Listing], listing: Listing, service: RestService
):
    quotes = history.quotes(listings)
    bars = real_bars()[SYMBOL]
    assert quotes.by_key[listing.key] == DayQuote(bars[-1].close, sum(each.volume for each in bars), bars[0].open)
    assert len(quotes.by_key) == len(listings)
    assert service.counts[QUOTES] == 1


def test_rows_that_cannot_be_are_left_out_and_prices_lie_on_the_grid():
    rows = [
        (60, 10.0, 10.26, 9.0, 9.74, 5),
        (120, 10.0, 9.0, 8.0, 9.5, 5),
        (180, -1.0, 2.0, -1.0, 1.0, 5),
        (240, float("nan"), 2.0, 1.0, 1.0, 5),
        ("x", 1.0, 2.0, 1.0, 1.0, 5),
        (300, 1.0, 2.0, 1.0, 1.0, -5),
        (60, 10.0, 11.0, 9.0, 9.74, 7),
    ]
    columns = dict(zip(("timestamp", "open", "high", "low", "close", "volume"), zip(*rows, strict=True), strict=True))
    candles = candles_of({name: list(column) for name, column in columns.items()}, 0.05, 0, 10**9)
    assert candles.rows == [(60_000, 10.0, 11.0, 9.0, 9.75, 7)]


@pytest.mark.parametrize(
    "data", [None, [], {}, {"open": []}, dict.fromkeys(("open", "high", "low", "close", "volume", "timestamp"), 1)]
)
def test_an_answer_that_is_none_is_an_error(data: object):
    assert candles_of(data, 0.05, 0, 1).found is Found.ERROR


def test_columns_of_different_length_are_an_error():
    data = {"open": [1.0], "high": [1.0], "low": [1.0], "close": [1.0], "volume": [1, 2], "timestamp": [60]}
    assert candles_of(data, 0.05, 0, 10**9).found is Found.ERROR


@pytest.mark.parametrize("data", [None, {}, {"data": []}, {"data": {"NSE_EQ": {"1": None, "x": {}, "2": {}}}}])
def test_quotes_that_cannot_be_read_are_left_out(data: object):
    assert list(quotes_of(data)) == []


@pytest.mark.parametrize(
    ("kind", "underlying", "segment", "name"),
    [
        (Kind.EQUITY, "", "NSE_EQ", "EQUITY"),
        (Kind.INDEX, "", "IDX_I", "INDEX"),
        (Kind.FUTURE, "NIFTY", "NSE_FNO", "FUTIDX"),
        (Kind.OPTION, "TCS", "NSE_FNO", "OPTSTK"),
        (Kind.FUTURE, "GOLD", "MCX_COMM", "FUTCOM"),
    ],
)
def test_kinds_of_instruments_have_dhans_names(kind: Kind, underlying: str, segment: str, name: str):
    assert instrument_type(instrument("NSE:X", kind=kind, underlying=underlying), segment) == name
