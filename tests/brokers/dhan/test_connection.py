"""What we say to Dhan, beside what its own SDK was seen to say, and what its refusals mean to us."""

import json
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from brokers.broker import Remedy
from brokers.dhan import CONNECTIONS, LISTINGS_PER_CONNECTION, Credentials, DhanBroker
from brokers.dhan.connection import DhanFeed
from brokers.dhan.packets import encode_quote
from brokers.listing import Listing
from errors import CredentialsError, SettingsError
from market.instrument import Instrument, Kind
from settings.schema import Dhan
from settings.secrets import Secret

TOKEN, CLIENT = "tok.en+with/odd=signs", "1000000001"
LIVE = Dhan()


def credentials() -> Credentials:
    return Credentials(Secret(CLIENT), Secret(TOKEN))


def listing(security_id: int, segment: int = 1, kind: Kind = Kind.EQUITY) -> Listing:
    return Listing(Instrument(f"NSE:S{security_id}", "NSE", kind), segment, security_id)


def feed(*listings: Listing, settings: Dhan = LIVE) -> DhanFeed:
    return DhanFeed("dhan-1", settings, listings, credentials)


@pytest.mark.parametrize(("mode", "code"), [("ticker", 15), ("quote", 17), ("full", 21)])
def test_a_subscription_is_what_the_sdk_sends(mode: str, code: int):
    settings = LIVE.model_copy(update={"mode": mode})
    # Recorded from dhanhq 2.3.0 with made-up credentials, for codes 15, 17 and 21.
    recorded = {
        "RequestCode": code,
        "InstrumentCount": 2,
        "InstrumentList": [
            {"ExchangeSegment": "NSE_EQ", "SecurityId": "2885"},
            {"ExchangeSegment": "NSE_FNO", "SecurityId": "40472"},
        ],
    }
    said = feed(listing(2885), listing(40472, segment=2, kind=Kind.FUTURE), settings=settings).subscriptions()
    assert [json.loads(text) for text in said] == [recorded]


def test_subscriptions_ask_for_everything_once_by_the_hundred():
    said = [json.loads(text) for text in feed(*map(listing, range(1, 251))).subscriptions()]
    assert [message["InstrumentCount"] for message in said] == [100, 100, 50]
    assert [len(message["InstrumentList"]) for message in said] == [100, 100, 50]
    asked = Counter(one["SecurityId"] for message in said for one in message["InstrumentList"])
    assert asked == Counter(str(number) for number in range(1, 251))


def test_the_same_id_in_two_segments_is_two_instruments():
    (said,) = feed(listing(13), listing(13, segment=0, kind=Kind.INDEX)).subscriptions()
    segments = [one["ExchangeSegment"] for one in json.loads(said)["InstrumentList"]]
    assert segments == ["NSE_EQ", "IDX_I"]


def test_an_index_is_asked_for_quotes_where_stocks_are_asked_for_full_packets():
    settings = LIVE.model_copy(update={"mode": "full"})
    said = feed(listing(13, segment=0, kind=Kind.INDEX), listing(2885), settings=settings).subscriptions()
    assert [(message["RequestCode"], message["InstrumentCount"]) for message in map(json.loads, said)] == [
        (17, 1),
        (21, 1),
    ]


def test_the_goodbye_is_the_documented_one():
    assert json.loads(feed().goodbye()) == {"RequestCode": 12}


def test_the_address_carries_the_token_where_the_server_expects_it_and_shows_it_to_nobody():
    address = feed().address()
    target = urlsplit(address.url)
    assert (target.scheme, target.netloc, target.path) == ("wss", "api-feed.dhan.co", "/")
    assert parse_qs(target.query) == {"version": ["2"], "token": [TOKEN], "clientId": [CLIENT], "authType": ["2"]}
    assert address.shown == "wss://api-feed.dhan.co"
    assert "tok" not in repr(address)
    assert CLIENT not in repr(address)


def test_the_token_is_read_again_for_every_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "token"
    monkeypatch.setenv("DHAN_CLIENT_ID", CLIENT)
    monkeypatch.setenv("DHAN_ACCESS_TOKEN", "not this one")
    (protocol,) = DhanBroker(LIVE.model_copy(update={"access_token_file": file})).feeds([listing(1)])
    with pytest.raises(CredentialsError, match="token: No such file"):
        protocol.address()
    for token in ("first", "second"):
        file.write_text(token + "\n")
        file.chmod(0o600)
        assert parse_qs(urlsplit(protocol.address().url).query)["token"] == [token]


def test_without_a_file_the_environment_has_the_token(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DHAN_CLIENT_ID", CLIENT)
    monkeypatch.delenv("DHAN_ACCESS_TOKEN", raising=False)
    (protocol,) = DhanBroker(LIVE).feeds([listing(1)])
    with pytest.raises(CredentialsError, match="DHAN_ACCESS_TOKEN is not set"):
        protocol.address()
    monkeypatch.setenv("DHAN_ACCESS_TOKEN", "from there")
    assert "token=from+there" in protocol.address().url


def test_one_connection_carries_five_thousand_and_an_account_has_five():
    broker = DhanBroker(LIVE, credentials)
    most = LISTINGS_PER_CONNECTION * CONNECTIONS
    listings = [listing(number) for number in range(most + 1)]
    assert broker.feeds([]) == []
    assert [(one.name, len(one.listings)) for one in broker.feeds(listings[:5000])] == [("dhan-1", 5000)]
    assert [(one.name, len(one.listings)) for one in broker.feeds(listings[:5001])] == [("dhan-1", 5000), ("dhan-2", 1)]
    assert len(broker.feeds(listings[:most])) == CONNECTIONS
    assert {one.account for one in broker.feeds(listings[:most])} == {"dhan"}
    with pytest.raises(SettingsError, match="25,001 instruments, but one account can have 25,000"):
        broker.feeds(listings)


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (429, Remedy.COOL_DOWN),
        (401, Remedy.NEW_TOKEN),
        (403, Remedy.NEW_TOKEN),
        (400, Remedy.NEW_TOKEN),
        (404, Remedy.COOL_DOWN),
        (302, Remedy.COOL_DOWN),
        (500, Remedy.RETRY),
        (503, Remedy.RETRY),
    ],
)
def test_each_http_status_has_its_remedy(status: int, remedy: Remedy):
    ending = feed().handshake_refused(status, {})
    assert (ending.remedy, ending.code, ending.retry_after_s) == (remedy, status, None)
    assert str(status) in ending.detail


@pytest.mark.parametrize("status", [429, 503])
def test_what_the_server_asks_for_is_kept(status: int):
    assert feed().handshake_refused(status, {"retry-after": "17"}).retry_after_s == 17


def test_a_decoder_knows_tick_sizes_and_keeps_a_live_trade_time_an_hour_ahead_out():
    instrument = Instrument("NSE:MRF", "NSE", Kind.EQUITY, tick_size=0.05)
    now_ms = 1_763_351_100_000
    packets = [
        encode_quote(
            segment=1, security_id=2277, price=135_000.15, trade_time=now_ms // 1000 + 19_800 + s, day_volume=5
        )
        for s in (0, 4000)
    ]
    for market_clock, kept in (("wall", [135_000.15]), ("data", [135_000.15, 135_000.15])):
        settings = LIVE.model_copy(update={"market_clock": market_clock})
        decoder = feed(Listing(instrument, 1, 2277), settings=settings).decoder()
        assert decoder.decode(packets, now_ms).ticks.prices == kept
