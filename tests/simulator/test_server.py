import ssl
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

import pytest
import websocket
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from brokers.dhan.codec import DhanDecoder
from brokers.instrument_table import InstrumentTable
from brokers.listing import Listing
from errors import BusyError
from market.instrument import Instrument, Kind
from simulator.dhan import DhanWire
from simulator.pace import ConstantPace, MarketPace
from simulator.server import LocalExchange
from simulator.session import Session
from simulator.synthetic import synthetic_session
from tests.simulator.raw_client import (
    GOODBYE,
    IDS,
    NO_QUOTES,
    PATIENCE_S,
    QUERY,
    QUOTES,
    START_MS,
    SYMBOLS,
    TICKS,
    RawClient,
)

Connect = Callable[..., RawClient]
Tick = tuple[int, int, float, int]


def decoded(packets: list[bytes]) -> list[Tick]:
    """(id, trade time, price, day volume) of price packets."""
    ticks = DhanDecoder({}).decode(packets, 0).ticks
    return list(zip([key & 0xFFFFFFFF for key in ticks.keys], ticks.times_ms, ticks.prices, ticks.volumes, strict=True))


def recorded(session: Session) -> list[Tick]:
    columns = session.symbol, session.times_ms // 1000 * 1000, session.prices, session.volumes
    return [(IDS[index], *others) for index, *others in zip(*(column.tolist() for column in columns), strict=True)]


def test_a_client_is_welcomed_then_sees_the_whole_session_then_its_end(
    session: Session, wire: DhanWire, connect: Connect
):
    with LocalExchange(session, wire) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, *IDS)
        messages = list(client.messages())
        assert exchange.wait_finished(PATIENCE_S)
    assert [message[0] for message in messages[:9]] == [6, 4, 6, 4, 6, 4, 6, 4, 7]
    snapshots = decoded(messages[1:8:2])
    assert [tick[:2] + tick[3:] for tick in snapshots] == [(number, 0, 0) for number in IDS]
    assert all(price > 0 for _, _, price, _ in snapshots)
    assert decoded(messages[9:]) == recorded(session)
    assert client.closed == (1000, "end of session")
    assert exchange.packets_sent == len(IDS) + TICKS
    assert exchange.counts == {"previous_close": 4, "quote": 44, "market_status": 1}


def test_the_bundled_session_arrives_whole_and_exact(bundled: Session, master: InstrumentTable, connect: Connect):
    with LocalExchange(bundled, DhanWire(bundled.symbols, master)) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, *(listing.security_id for listing in master))
        ticks = DhanDecoder({}).decode(client.ticks(), 0).ticks
        assert exchange.packets_sent == len(ticks) + len(master)
    symbols = [listing.instrument.symbol for key in ticks.keys if (listing := master.at(key))]
    assert symbols == [bundled.symbols[index] for index in bundled.symbol.tolist()]
    assert ticks.times_ms == bundled.times_ms.tolist()
    assert ticks.prices == bundled.prices.tolist()
    assert ticks.volumes == bundled.volumes.tolist()


def test_play_waits_until_all_that_there_is_is_wanted(session: Session, wire: DhanWire, connect: Connect):
    with LocalExchange(session, wire, settle_s=PATIENCE_S) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, *IDS[:2])
        client.subscribe(QUOTES, *IDS[2:])
        assert decoded(client.ticks()) == recorded(session)


def test_play_begins_without_the_rest_when_clients_ask_for_no_more(session: Session, wire: DhanWire, connect: Connect):
    with LocalExchange(session, wire, settle_s=0.05) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, 12)
        assert decoded(client.ticks()) == [tick for tick in recorded(session) if tick[0] == 12]


def test_a_later_client_learns_how_things_stand_and_sees_the_rest(session: Session, wire: DhanWire, connect: Connect):
    with LocalExchange(session, wire, pace=MarketPace(10), at_once=True) as exchange:
        early = connect(exchange)
        early.subscribe(QUOTES, *IDS)
        exchange.wait_until(lambda: exchange.connections[0].ticks_sent > 10, PATIENCE_S)
        late = connect(exchange)
        late.subscribe(QUOTES, *IDS)
        messages = [message for message in late.messages() if message[0] == 4]
        seen = decoded([message for message in early.messages() if message[0] == 4])
    welcome, rest = decoded(messages[:4]), decoded(messages[4:])
    assert 0 < len(rest) < TICKS
    assert seen[-len(rest) :] == rest
    assert set(welcome) <= set(recorded(session)), "each snapshot is a symbol's latest tick"
    assert sorted(number for number, *_ in welcome) == list(IDS)


def test_who_subscribes_after_the_end_gets_the_last_state_and_the_end(
    session: Session, wire: DhanWire, connect: Connect
):
    with LocalExchange(session, wire) as exchange:
        for expected in (TICKS, len(IDS)):
            client = connect(exchange)
            client.subscribe(QUOTES, *IDS)
            assert len(client.ticks()) == expected
            assert client.closed == (1000, "end of session")


def test_without_a_reader_flat_out_play_stands_still(session: Session, wire: DhanWire, connect: Connect):
    with LocalExchange(session, wire, at_once=True) as exchange:
        assert not exchange.wait_finished(0.05)
        client = connect(exchange)
        client.subscribe(QUOTES, *IDS)
        assert len(client.ticks()) == TICKS


def test_a_symbol_can_be_unsubscribed_and_the_connection_ended_politely(
    session: Session, wire: DhanWire, connect: Connect
):
    with LocalExchange(session, wire, pace=MarketPace(0.01)) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, *IDS)
        client.subscribe(NO_QUOTES, *IDS[1:])
        assert exchange.wait_until(lambda: exchange.connections[0].subscriptions == {4: ["NSE:A"]}, PATIENCE_S)
        client.send({"RequestCode": GOODBYE})
        list(client.messages())
        assert client.closed == (1000, "")


def test_a_symbol_in_several_modes_comes_in_several_streams_tick_by_tick(
    session: Session, wire: DhanWire, connect: Connect
):
    with LocalExchange(session, wire, settle_s=0.05) as exchange:
        client = connect(exchange)
        for code in (15, 17, 21):
            client.subscribe(code, 12)
        codes = [message[0] for message in client.messages()]
    assert codes[:6] == [6, 2, 6, 4, 6, 8]
    assert codes[7:] == [2, 4, 8] * (TICKS // 4)


def test_quotes_of_derivatives_come_with_open_interest(session: Session, connect: Connect):
    kinds = (Kind.EQUITY, Kind.FUTURE, Kind.OPTION, Kind.EQUITY)
    listings = [
        Listing(Instrument(symbol, "NSE", kind), 1 if kind is Kind.EQUITY else 2, number)
        for symbol, kind, number in zip(SYMBOLS, kinds, IDS, strict=True)
    ]
    with LocalExchange(session, DhanWire(SYMBOLS, listings), settle_s=0.05) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, 11)
        client.subscribe(QUOTES, 12, 13, segment="NSE_FNO")
        packets = [(message[0], struct.unpack_from("<I", message, 4)[0]) for message in client.messages()]
    played = packets[[code for code, _ in packets].index(7) + 2 :]
    assert {number for code, number in played if code == 5} == {12, 13}
    assert all((5, number) == after for (code, number), after in pairwise(played) if code == 4 and number > 11)


def test_the_shapes_that_dhans_own_sdk_sends_are_understood(session: Session, connect: Connect):
    instruments = [Instrument(symbol, "NSE", Kind.EQUITY) for symbol in SYMBOLS]
    keys = ((1, 2885), (1, 1333), (2, 40_472), (1, 5))
    listings = [Listing(instrument, *key) for instrument, key in zip(instruments, keys, strict=True)]
    with LocalExchange(session, DhanWire(SYMBOLS, listings), settle_s=60) as exchange:
        client = connect(exchange)
        for code, segment, number in ((15, "NSE_EQ", "2885"), (17, "NSE_EQ", "1333"), (21, "NSE_FNO", "40472")):
            wanted = [{"ExchangeSegment": segment, "SecurityId": number}]
            client.send({"RequestCode": code, "InstrumentCount": 1, "InstrumentList": wanted})
        wanted_now = {2: ["NSE:A"], 4: ["NSE:B&C"], 8: ["NSE:D-E"]}
        assert exchange.wait_until(lambda: exchange.connections[0].subscriptions == wanted_now, PATIENCE_S)
        assert exchange.connections[0].account.name == "100"
        assert exchange.connections[0].account.token == "tok.en"


def test_a_sixth_connection_of_an_account_kicks_the_oldest(session: Session, wire: DhanWire, connect: Connect):
    with LocalExchange(session, wire) as exchange:
        clients = [connect(exchange) for _ in range(5)]
        connect(exchange, QUERY.replace("100", "another"))
        assert len(exchange.connections) == 6
        clients.append(connect(exchange))
        farewell = list(clients[0].messages())
        assert farewell == [bytes.fromhex("32 0a00 00 00000000 2503")]
        assert exchange.wait_until(lambda: len(exchange.connections) == 6, PATIENCE_S)


def test_too_many_instruments_on_one_connection_end_it(connect: Connect):
    symbols = [f"NSE:S{number}" for number in range(5001)]
    listings = [Listing(Instrument(symbol, "NSE", Kind.EQUITY), 1, number) for number, symbol in enumerate(symbols)]
    with LocalExchange(synthetic_session(symbols, 5001, 1, START_MS), DhanWire(symbols, listings)) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, *range(5001))
        assert [message[8:] for message in client.messages()] == [(804).to_bytes(2, "little")]


def test_the_server_pings_and_drops_a_client_that_does_not_answer(session: Session, wire: DhanWire, connect: Connect):
    wire.ping_every_s, wire.pong_within_s = 0.02, 0.2
    with LocalExchange(session, wire) as exchange:
        lively, silent = connect(exchange), connect(exchange)
        exchange.wait_until(lambda: len(exchange.connections) == 2, PATIENCE_S)
        first = exchange.connections[0]
        pings = [
            lively.socket.recv_data(control_frame=True)[0] for _ in range(20)
        ]  # long enough to be dropped but for the answers
        assert pings == [websocket.ABNF.OPCODE_PING] * 20
        assert exchange.wait_until(lambda: exchange.connections == [first], PATIENCE_S)
        assert silent.socket.connected


def test_a_constant_rate_plays_so_many_ticks_and_ends(wire: DhanWire, connect: Connect):
    session = synthetic_session(SYMBOLS, 1000, 1000, START_MS)
    with LocalExchange(session, wire, pace=ConstantPace(2000, 0.25)) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, *IDS)
        assert len(client.ticks()) == 500


def test_a_busy_port_is_said_in_one_line(session: Session, wire: DhanWire):
    with LocalExchange(session, wire) as exchange:
        port = int(exchange.url.rpartition(":")[2])
        with pytest.raises(BusyError, match=f"port {port}: Address already in use") as caught:
            LocalExchange(session, wire, port=port).start()
        assert caught.value.exit_code == 75
        assert "\n" not in str(caught.value)


def test_clients_are_told_when_the_exchange_stops(session: Session, wire: DhanWire, connect: Connect):
    exchange = LocalExchange(session, wire)
    exchange.start()
    client = connect(exchange)
    exchange.stop()
    assert list(client.messages()) == []
    assert client.closed == (1001, "")


def test_what_is_no_websocket_handshake_is_turned_away(session: Session, wire: DhanWire, connect: Connect):
    with LocalExchange(session, wire) as exchange:
        with pytest.raises(websocket.WebSocketBadStatusException, match="400") as caught:
            connect(exchange, "/?version=2&authType=2")
        assert b"token, clientId" in caught.value.resp_body
        assert exchange.attempts == 1
        client = connect(exchange)
        client.subscribe(QUOTES, *IDS)
        assert len(client.ticks()) == TICKS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "local exchange")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), start, start + timedelta(days=36_500)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password)
    )
    return path


def test_the_session_can_be_played_over_tls(session: Session, wire: DhanWire, connect: Connect, certificate: Path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with LocalExchange(session, wire, tls=context) as exchange:
        assert exchange.url.startswith("wss://")
        client = connect(exchange, sslopt={"ca_certs": str(certificate)})
        client.subscribe(QUOTES, *IDS)
        assert len(client.ticks()) == TICKS
        assert client.closed == (1000, "end of session")
