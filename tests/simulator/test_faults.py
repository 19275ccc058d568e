import socket
import struct
from collections.abc import Callable, Sequence

import pytest
import websocket

from brokers.dhan.codec import DhanDecoder
from simulator.bends import Delay, Lose, LowerVolume, NeverTraded, Repeat, Reverse, Stack
from simulator.dhan import DhanWire
from simulator.faults import Close, Fault, Garbage, HalfFrame, Kick, Late, Mute, NoData, Raw, Reset
from simulator.handshakes import Drip, NoAnswer, Refuse
from simulator.pace import MarketPace
from simulator.server import LocalExchange
from simulator.session import Session
from simulator.synthetic import synthetic_session
from tests.simulator.raw_client import IDS, QUERY, QUOTES, START_MS, SYMBOLS, TICKS, RawClient

Connect = Callable[..., RawClient]
QUOTE_FRAME = 52
"""Bytes of a quote with its websocket head."""
WAIT_S = 0.1
"""Enough for loopback, where nothing shall come."""


@pytest.fixture
def exchange(session: Session, wire: DhanWire):
    with LocalExchange(session, wire) as running:
        yield running


@pytest.fixture
def undisturbed(session: Session, wire: DhanWire, connect: Connect) -> list[bytes]:
    """The ticks as they come without a fault."""
    with LocalExchange(session, wire) as running:
        client = connect(running)
        client.subscribe(QUOTES, *IDS)
        return client.ticks()


def ticks_with(exchange: LocalExchange, connect: Connect, *faults: Fault, after: int = 10) -> list[bytes]:
    """What a client gets after its welcome when faults strike it after some ticks."""
    exchange.faults.after(after, *faults)
    client = connect(exchange)
    client.subscribe(QUOTES, *IDS)
    return list(client.messages())[9:]


def read_all(raw: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := raw.recv(size - len(data))):
        data += piece
    return data


def nothing_comes(client: RawClient) -> bool:
    client.socket.settimeout(WAIT_S)
    try:
        client.socket.recv_data(control_frame=True)
    except websocket.WebSocketTimeoutException:
        return True
    return False


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_handshake_is_refused_with_a_status_then_the_next_is_accepted(
    exchange: LocalExchange, connect: Connect, status: int
):
    exchange.faults.next_handshake(Refuse(status, retry_after_s=7, body="no"))
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        connect(exchange)
    assert caught.value.status_code == status
    assert caught.value.resp_headers["retry-after"] == "7"
    assert caught.value.resp_body == b"no"
    connect(exchange)
    assert exchange.attempts == 2


def test_a_handshake_is_never_answered(exchange: LocalExchange, connect: Connect):
    exchange.faults.next_handshake(NoAnswer())
    with pytest.raises(websocket.WebSocketTimeoutException):
        connect(exchange, timeout=WAIT_S)


def test_an_upgrade_comes_in_drops(exchange: LocalExchange):
    exchange.faults.next_handshake(Drip(every_s=0.001))
    host, port = exchange.url.removeprefix("ws://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        key = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        raw.sendall(f"GET {QUERY} HTTP/1.1\r\nHost: {host}\r\n{key}Sec-WebSocket-Version: 13\r\n\r\n".encode())
        assert read_all(raw, 60).endswith(b"X-Patience: " + b"a" * 14)


def test_a_token_is_turned_away_until_another_one_comes(exchange: LocalExchange, connect: Connect):
    exchange.faults.token("old", Kick(807)).token("older", Refuse(401))
    client = connect(exchange, QUERY.replace("tok.en", "old"))
    assert list(client.messages()) == [bytes.fromhex("32 0a00 00 00000000 2703")]
    with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
        connect(exchange, QUERY.replace("tok.en", "older"))
    client = connect(exchange, QUERY.replace("tok.en", "new"))
    client.subscribe(QUOTES, *IDS)
    assert len(client.ticks()) == TICKS


def test_a_connection_is_reset_right_after_the_handshake(exchange: LocalExchange, connect: Connect):
    exchange.faults.next_handshake(Reset())
    with pytest.raises((ConnectionResetError, websocket.WebSocketConnectionClosedException)):
        list(connect(exchange).messages())


def test_a_kick_comes_after_its_tick_and_the_rest_to_the_next_connection(
    exchange: LocalExchange, connect: Connect, undisturbed: list[bytes]
):
    messages = ticks_with(exchange, connect, Kick(805))
    assert messages == [*undisturbed[:10], bytes.fromhex("32 0a00 00 00000000 2503")]
    assert exchange.counts["disconnect"] == 1


def test_a_close_without_the_brokers_goodbye(exchange: LocalExchange, connect: Connect, undisturbed: list[bytes]):
    exchange.faults.after(10, Close(1011, "trouble"))
    client = connect(exchange)
    client.subscribe(QUOTES, *IDS)
    assert client.ticks() == undisturbed[:10]
    assert client.closed == (1011, "trouble")


def test_each_step_of_the_script_happens_once_and_in_order(wire: DhanWire, connect: Connect):
    with LocalExchange(synthetic_session(SYMBOLS, 3000, 1, START_MS), wire) as exchange:
        exchange.faults.after(5, Close(1001)).after(5, Close(1002))
        for code, ticks in ((1001, 5), (1002, 5), (1000, 1000)):
            client = connect(exchange)
            client.subscribe(QUOTES, *IDS)
            assert len([message for message in client.messages() if message[0] == 4]) == len(IDS) + ticks
            assert client.closed is not None
            assert client.closed[0] == code


def test_a_reset_tears_the_connection_down(session: Session, wire: DhanWire, connect: Connect):
    with LocalExchange(session, wire, pace=MarketPace(100)) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, *IDS)
        exchange.faults.after(10, Reset())
        with pytest.raises(ConnectionResetError):
            list(client.messages())


def test_a_mute_peer_sends_and_answers_nothing(exchange: LocalExchange, connect: Connect):
    exchange.faults.after(10, Mute())
    client = connect(exchange)
    client.subscribe(QUOTES, *IDS)
    for _ in range(9 + 10):
        client.socket.recv_data()
    client.socket.ping()
    assert nothing_comes(client)
    assert len(exchange.connections) == 1


def test_a_peer_without_data_still_answers(exchange: LocalExchange, connect: Connect):
    client = connect(exchange)
    exchange.strike(NoData())
    client.subscribe(QUOTES, *IDS)
    client.socket.ping(b"there?")
    assert client.socket.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"there?")
    assert nothing_comes(client)


def test_half_a_frame_then_nothing(exchange: LocalExchange, connect: Connect, undisturbed: list[bytes]):
    exchange.faults.after(10, HalfFrame(20))
    client = connect(exchange)
    client.subscribe(QUOTES, *IDS)
    for _ in range(9 + 10):
        client.socket.recv_data()
    client.socket.ping()
    raw = client.socket.sock
    assert read_all(raw, 20) == b"\x82\x32" + undisturbed[10][:18]
    raw.settimeout(WAIT_S)
    with pytest.raises(TimeoutError):
        raw.recv(1)


@pytest.mark.parametrize("size", [1, 2, 3, QUOTE_FRAME - 1])
def test_the_rest_of_a_frame_comes_later_byte_for_byte(
    exchange: LocalExchange, connect: Connect, undisturbed: list[bytes], size: int
):
    exchange.faults.after(10, HalfFrame(size, rest_after_s=0.01))
    client = connect(exchange)
    client.subscribe(QUOTES, *IDS)
    client.socket.ping(b"answer me later")
    assert client.ticks() == undisturbed
    assert client.closed == (1000, "end of session")


@pytest.mark.parametrize(
    ("fault", "order"),
    [
        (Repeat(2), [10, 10, 11, 11, 12]),
        (Lose(2), [12]),
        (Delay(2, behind=3), [12, 13, 14, 10, 11, 15]),
        (Delay(2, behind=100), [*range(12, TICKS), 10, 11]),
        (Reverse(3), [12, 11, 10, 13]),
    ],
)
def test_ticks_are_repeated_lost_delayed_or_reordered(
    exchange: LocalExchange, connect: Connect, undisturbed: list[bytes], fault: Fault, order: Sequence[int]
):
    others = [*order, *range(order[-1] + 1, TICKS)] if order[-1] > order[0] or len(order) < 10 else order
    assert ticks_with(exchange, connect, fault) == [*undisturbed[:10], *(undisturbed[row] for row in others)]


def test_packets_come_stacked_in_one_message(exchange: LocalExchange, connect: Connect, undisturbed: list[bytes]):
    messages = ticks_with(exchange, connect, Stack(3))
    assert messages == [*undisturbed[:10], b"".join(undisturbed[10:13]), *undisturbed[13:]]


def test_the_day_volume_steps_back_and_the_trade_time_is_zero(
    exchange: LocalExchange, connect: Connect, undisturbed: list[bytes]
):
    messages = ticks_with(exchange, connect, LowerVolume(2, by=30), NeverTraded(1))
    assert messages[:10] + messages[12:] == undisturbed[:10] + undisturbed[12:]
    before = DhanDecoder({}).decode(undisturbed[10:12], 0).ticks
    bent = DhanDecoder({}).decode(messages[10:12], 0).ticks
    assert bent.prices == before.prices
    assert bent.volumes == [max(0, volume - 30) for volume in before.volumes]
    assert bent.times_ms == [0, before.times_ms[1]]


def test_late_messages_all_come_in_their_order(exchange: LocalExchange, connect: Connect, undisturbed: list[bytes]):
    assert ticks_with(exchange, connect, Late(0.05)) == undisturbed


def test_garbage_comes_between_the_ticks(exchange: LocalExchange, connect: Connect, undisturbed: list[bytes]):
    messages = ticks_with(exchange, connect, Garbage(b"", b"\x63\x00\x01", "hello"))
    assert messages == [*undisturbed[:10], b"", b"\x63\x00\x01", b"hello", *undisturbed[10:]]
    assert exchange.counts[""] == 3


def test_raw_bytes_go_out_below_the_websocket(exchange: LocalExchange, connect: Connect):
    exchange.faults.after(10, Raw(b"\x82\x7f" + (1 << 40).to_bytes(8, "big")))
    client = connect(exchange)
    client.subscribe(QUOTES, *IDS)
    for _ in range(9 + 10):
        client.socket.recv_data()
    assert struct.unpack(">BBQ", read_all(client.socket.sock, 10)) == (0x82, 127, 1 << 40)


def test_a_subscription_message_is_lost(session: Session, wire: DhanWire, connect: Connect):
    with LocalExchange(session, wire, settle_s=0.05) as exchange:
        exchange.faults.ignore_subscription(2)
        client = connect(exchange)
        for number in IDS[:3]:
            client.subscribe(QUOTES, number)
        assert {packet[4] for packet in client.ticks()} == {IDS[0], IDS[2]}


def test_a_fault_strikes_every_connection_now(exchange: LocalExchange, connect: Connect):
    clients = [connect(exchange), connect(exchange)]
    exchange.strike(Kick(800))
    for client in clients:
        assert [message[0] for message in client.messages()] == [50]
