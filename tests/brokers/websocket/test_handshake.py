"""A connection to servers that refuse it, keep it waiting or are not who they should be."""

import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from brokers.broker import Ending, Remedy
from brokers.websocket.frames import BINARY, CLOSE, PING, PONG
from brokers.websocket.losses import LostError, RefusedError
from brokers.websocket.resolver import Resolver
from tests.brokers.websocket.scripted_server import (
    PATIENT,
    TOKEN,
    Dial,
    Serve,
    frame,
    heard,
    over_tls,
    read_to_the_end,
    request_of,
    until_gone,
    upgrade,
)


def test_the_handshake_is_plain_and_first_frames_in_the_same_packet_are_not_lost(serve: Serve, dial: Dial):
    requests: list[str] = []

    def script(peer: socket.socket) -> None:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        requests.append(upgrade(peer))
        peer.sendall(frame(BINARY, b"one") + frame(BINARY, b"two") + frame(CLOSE, b"\x03\xe8bye"))

    messages, ending = read_to_the_end(dial(serve(script)))
    assert messages == [b"one", b"two"]
    assert ending == Ending(Remedy.RETRY, "closed by the server: 1000 bye", code=1000)
    assert f"GET /?version=2&token={TOKEN}&clientId=1000000001 HTTP/1.1" in requests[0]
    assert "Sec-WebSocket-Extensions" not in requests[0]
    assert "Origin" not in requests[0]


def test_a_port_where_nobody_listens_is_a_loss_worth_a_retry(dial: Dial):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(LostError, match="no connection to the server: Connection refused") as lost:
        dial(f"ws://127.0.0.1:{port}")
    assert lost.value.ending.remedy is Remedy.RETRY


def test_an_http_status_is_handed_on_with_its_headers_and_nothing_the_server_says_is_shown(serve: Serve, dial: Dial):
    def script(peer: socket.socket) -> None:
        request_of(peer)
        page = f"too many for {TOKEN}".encode()
        peer.sendall(b"HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: %d\r\n\r\n" % len(page) + page)

    with pytest.raises(RefusedError) as refused:
        dial(serve(script))
    assert refused.value.status == 429
    assert refused.value.headers["retry-after"] == "7"
    assert TOKEN not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_redirect_is_refused_and_the_token_not_carried_there(serve: Serve, dial: Dial):
    elsewhere: list[str] = []
    other = serve(lambda peer: elsewhere.append(request_of(peer)))

    def script(peer: socket.socket) -> None:
        request_of(peer)
        peer.sendall(f"HTTP/1.1 302 Found\r\nLocation: {other}/?token={TOKEN}\r\n\r\n".encode())

    with pytest.raises(RefusedError) as refused:
        dial(serve(script))
    assert refused.value.status == 302
    assert not elsewhere


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 \xff\xfe\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_an_answer_that_is_no_handshake_is_a_loss(serve: Serve, dial: Dial, answer: bytes):
    def script(peer: socket.socket) -> None:
        request_of(peer)
        peer.sendall(answer)

    with pytest.raises(LostError, match="the answer is no websocket handshake"):
        dial(serve(script))


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 101 Switching Protocols\r\nX: ", b"HTTP/1.1 403 No\r\nContent-Length: 1099511627776\r\n\r\n"]
)
def test_an_answer_without_end_is_not_swallowed(serve: Serve, dial: Dial, start: bytes):
    sent: list[int] = []

    def script(peer: socket.socket) -> None:
        request_of(peer)
        peer.sendall(start)
        peer.settimeout(10)
        while True:
            sent.append(peer.send(bytes(4096)))

    with pytest.raises(LostError, match="cut off during the websocket handshake"):
        dial(serve(script))


def test_an_upgrade_never_answered_is_abandoned(serve: Serve, dial: Dial):
    with pytest.raises(LostError, match=r"no connection within 0\.2 s"):
        dial(serve(until_gone), replace(PATIENT, connect=0.2))


def test_an_upgrade_that_drips_is_abandoned_though_no_read_ever_waits_long(serve: Serve, dial: Dial):
    def script(peer: socket.socket) -> None:
        request_of(peer)
        peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nX-Patience: ")
        while True:
            peer.sendall(b"a")
            threading.Event().wait(0.02)

    with pytest.raises(LostError, match=r"no connection within 0\.2 s"):
        dial(serve(script), replace(PATIENT, connect=0.2))


def test_an_upgrade_without_a_first_frame_is_abandoned_too(serve: Serve, dial: Dial):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        until_gone(peer)

    _, ending = read_to_the_end(dial(serve(script), replace(PATIENT, connect=0.2)))
    assert ending.detail.startswith("connected, but nothing came within 0.2 s of starting")


def test_after_the_first_frame_the_time_limit_of_connecting_is_gone(serve: Serve, dial: Dial):
    go_on = threading.Event()

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(PING, b""))
        go_on.wait(10)
        peer.sendall(frame(BINARY, b"late") + frame(CLOSE, b""))

    connection = dial(serve(script), replace(PATIENT, connect=0.3))
    while not connection.is_alive:
        assert connection.read() == []
    threading.Event().wait(0.4)
    go_on.set()
    assert read_to_the_end(connection)[0] == [b"late"]


def test_a_name_look_up_that_hangs_is_abandoned_and_later_the_last_good_address_serves(
    serve: Serve, dial: Dial, monkeypatch: pytest.MonkeyPatch
):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, b"here"))
        until_gone(peer)

    url = serve(script, script).replace("127.0.0.1", "feed.example")
    resolver, answer = Resolver(), threading.Event()
    port = int(url.rpartition(":")[2])
    lookups: list[Any] = []

    def black_hole(*arguments: Any, **more: Any) -> list[Any]:
        lookups.append(arguments)
        answer.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", black_hole)
    with pytest.raises(LostError, match=r"no connection within 0\.2 s"):
        dial(url, replace(PATIENT, connect=0.2), resolver)
    answer.set()
    connection = dial(url, PATIENT, resolver)
    assert connection.read() == [b"here"]
    connection.close()
    assert len(lookups) == 1, "a look-up under way is waited for, not doubled"
    answer.clear()
    assert dial(url, replace(PATIENT, connect=0.4), resolver).read() == [b"here"]
    answer.set()


def test_a_token_never_leaves_the_machine_unencrypted(serve: Serve, dial: Dial):
    requests: list[str] = []
    url = serve(lambda peer: requests.append(request_of(peer))).replace("127.0.0.1", "0.0.0.0")
    with pytest.raises(LostError, match="must be wss") as lost:
        dial(url)
    assert lost.value.ending.remedy is Remedy.GIVE_UP
    assert not requests


def test_a_trusted_certificate_is_taken_and_a_burst_read_over_tls(
    serve: Serve, dial: Dial, certificate: Path, monkeypatch: pytest.MonkeyPatch
):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        for number in range(50):
            peer.sendall(b"".join(frame(BINARY, bytes([number]) * 162) for _ in range(100)))
        peer.sendall(frame(PING, b"there?"))
        assert heard(peer) == (PONG, b"there?")
        peer.sendall(frame(CLOSE, b""))
        until_gone(peer)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    messages, ending = read_to_the_end(dial(serve(over_tls(certificate, script)).replace("ws:", "wss:")))
    assert messages == [bytes([number]) * 162 for number in range(50) for _ in range(100)]
    assert ending.detail == "closed by the server: 1005"


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_token_is_shown(
    serve: Serve, dial: Dial, certificate: Path
):
    requests: list[str] = []
    url = serve(over_tls(certificate, lambda peer: requests.append(request_of(peer)))).replace("ws:", "wss:")
    with pytest.raises(LostError, match="certificate is not trusted"):
        dial(url)
    assert not requests


def test_a_tls_handshake_that_never_ends_is_abandoned(serve: Serve, dial: Dial):
    with pytest.raises(LostError, match=r"no connection within 0\.2 s"):
        dial(serve(until_gone).replace("ws:", "wss:"), replace(PATIENT, connect=0.2))
