"""A server that does, byte by byte, what a test's script says."""

import hashlib
import re
import socket
import ssl
import struct
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from websocket import ABNF

from brokers.broker import Ending
from brokers.websocket.connection import Connection
from brokers.websocket.deadlines import Deadlines
from brokers.websocket.losses import LostError

TOKEN = "tok3n-that-nobody-may-see"
QUERY = f"/?version=2&token={TOKEN}&clientId=1000000001"
PATIENT = Deadlines(turn=0.02, farewell=0.05)
TURNS = 2000
"""More reads than any test needs."""

Script = Callable[[socket.socket], None]
Serve = Callable[..., str]
"""Fixture: scripts in, address out."""
Dial = Callable[..., Connection]
"""Fixture: address in, connection out."""


def request_of(peer: socket.socket) -> str:
    """The HTTP request that a client sends first."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        data += _exactly(peer, 1)
    return data.decode()


def upgrade(peer: socket.socket) -> str:
    """Do the server's side of the handshake; the request."""
    request = request_of(peer)
    match = re.search("Sec-WebSocket-Key: (.*)\r\n", request)
    assert match
    accept = b64encode(hashlib.sha1(f"{match[1]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    peer.sendall(f"{answer}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    return request


def frame(opcode: int, payload: bytes) -> bytes:
    encoded: bytes = ABNF(fin=1, opcode=opcode, mask_value=0, data=payload).format()
    return encoded


def heard(peer: socket.socket) -> tuple[int, bytes]:
    """The client's next frame: opcode and payload; it must be masked."""
    first, second = _exactly(peer, 2)
    assert second & 0x80, "a client's frame without a mask"
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack(">H", _exactly(peer, 2))
    mask = _exactly(peer, 4)
    return first & 0x0F, ABNF.mask(mask, _exactly(peer, size))


def _exactly(peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def reset(peer: socket.socket) -> None:
    """Close with a TCP reset."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def over_tls(certificate: Path, script: Script) -> Script:
    """The same script, encrypted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def encrypted(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as safe:
            script(safe)

    return encrypted


class ScriptedServer:
    """Serves connections one after the other, each by its script, on a thread of its own."""

    def __init__(self, scripts: tuple[Script, ...]) -> None:
        self.failure: BaseException | None = None
        self._scripts = scripts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._peer: socket.socket | None = None
        self._thread = threading.Thread(target=self._work, name="scripted server", daemon=True)
        self._thread.start()

    def end(self) -> None:
        for one in (self._peer, self._listener):
            with suppress(OSError):
                if one is not None:
                    one.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _work(self) -> None:
        for script in self._scripts:
            try:
                self._peer, _ = self._listener.accept()
            except OSError:
                return
            with self._peer:
                try:
                    script(self._peer)
                except (OSError, EOFError):
                    pass  # the client has left, as clients may
                except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
                    self.failure = error


def read_to_the_end(connection: Connection) -> tuple[list[bytes], Ending]:
    """All messages, and why there are no more."""
    messages: list[bytes] = []
    for _ in range(TURNS):
        try:
            messages += connection.read()
        except LostError as lost:
            return messages, lost.ending
    pytest.fail("the connection never ended")


def until_gone(peer: socket.socket) -> None:
    """Keep the connection open, deaf and mute, until the client leaves."""
    while peer.recv(4096):
        pass
