"""TLS from memory against Python's own, however TCP cuts the records."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import pytest

from brokers.websocket.tls import TlsSocket
from tests.brokers.websocket.scripted_server import Serve, over_tls

RECORDS = [bytes([number]) * size for number, size in enumerate([1, 50, 162, 5, 16_384, 50])] * 20
Secure = Callable[[str], TlsSocket]


@pytest.fixture
def secure(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secure]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with ExitStack() as stack:

        def connect(url: str) -> TlsSocket:
            plain = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10)
            client = TlsSocket(plain, "127.0.0.1")
            stack.callback(client.close)
            client.do_handshake()
            return client

        yield connect


def read_all(client: TlsSocket, size: int = 256 * 1024) -> bytes:
    buffer, data = bytearray(size), b""
    while received := read(client, buffer):
        data += buffer[:received]
    return data


def test_a_burst_of_records_comes_in_far_fewer_reads(serve: Serve, secure: Secure, certificate: Path):
    sent = threading.Event()

    def script(peer: socket.socket) -> None:
        for _ in range(100):
            peer.sendall(b"tick")
        sent.set()
        peer.recv(1)

    client = secure(serve(over_tls(certificate, script)))
    assert sent.wait(10)
    buffer = bytearray(64 * 1024)
    received = reads = 0
    while received < 400:
        received += read(client, buffer)
        reads += 1
    assert reads < 20


@pytest.mark.parametrize("size", [100, 16_384, 256 * 1024])
def test_a_small_buffer_loses_nothing(serve: Serve, secure: Secure, certificate: Path, size: int):
    def script(peer: socket.socket) -> None:
        for record in RECORDS:
            peer.sendall(record)

    client = secure(serve(over_tls(certificate, script)))
    assert client.recv(1) == RECORDS[0][:1]
    assert client.recv(7) == RECORDS[1][:7]
    assert read_all(client, size) == b"".join(RECORDS)[8:]


def test_records_that_tcp_cuts_anywhere_come_whole(serve: Serve, secure: Secure, certificate: Path):
    def script(peer: socket.socket) -> None:
        cipher = encrypted(certificate, peer, RECORDS)
        for start in range(0, len(cipher), 997):
            peer.sendall(cipher[start : start + 997])

    assert read_all(secure(serve(script))) == b"".join(RECORDS)


def test_half_a_record_is_not_waited_for(serve: Serve, secure: Secure, certificate: Path):
    go_on = threading.Event()

    def script(peer: socket.socket) -> None:
        cipher = encrypted(certificate, peer, [b"whole", b"half"])
        peer.sendall(cipher[:-3])
        go_on.wait(10)
        peer.sendall(cipher[-3:])

    client, buffer = secure(serve(script)), bytearray(64 * 1024)
    client.settimeout(0.05)
    assert read(client, buffer) == 5
    with pytest.raises(TimeoutError):
        client.recv_into(buffer)
    go_on.set()
    assert read(client, buffer) == 4
    assert buffer[:4] == b"half"


def test_more_than_a_record_is_sent_whole(serve: Serve, secure: Secure, certificate: Path):
    heard: SimpleQueue[int] = SimpleQueue()

    def script(peer: socket.socket) -> None:
        size = 0
        while size < 100_000:
            size += len(peer.recv(65_536))
        heard.put(size)

    secure(serve(over_tls(certificate, script))).sendall(bytes(100_000))
    assert heard.get(timeout=10) == 100_000


def test_a_damaged_record_is_an_error_not_data(serve: Serve, secure: Secure, certificate: Path):
    def script(peer: socket.socket) -> None:
        cipher = bytearray(encrypted(certificate, peer, [b"price 2500.50"]))
        cipher[-1] ^= 1
        peer.sendall(cipher)
        peer.recv(1)

    client = secure(serve(script))
    with pytest.raises(ssl.SSLError):
        read(client, bytearray(64 * 1024))


def read(client: TlsSocket, buffer: bytearray) -> int:
    """Ask again while there is no whole record, such as when the server only sent session tickets."""
    for _ in range(1000):
        try:
            return client.recv_into(buffer)
        except TimeoutError:
            continue
    pytest.fail("no whole record came")


def encrypted(certificate: Path, peer: socket.socket, records: list[bytes]) -> bytes:
    """Do the server's handshake; what it would then send for these records."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.num_tickets = 0
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    while True:
        try:
            server.do_handshake()
            break
        except ssl.SSLWantReadError:
            peer.sendall(outgoing.read())
            incoming.write(peer.recv(65_536))
    peer.sendall(outgoing.read())
    for record in records:
        server.write(record)
    return outgoing.read()
