"""From an address to an upgraded websocket: name look-up, TCP, TLS, and the handshake by websocket-client."""

import socket
from contextlib import ExitStack
from typing import NamedTuple
from urllib.parse import urlsplit

import websocket

from brokers.broker import Address, Ending, Remedy
from brokers.websocket.guard import Guard
from brokers.websocket.losses import LostError, RefusedError, lost
from brokers.websocket.resolver import Place, Resolver
from brokers.websocket.tls import TlsSocket

LONGEST_ANSWER = 64 * 1024
"""Bytes; an answer to the handshake is a few hundred, a page that refuses it a few thousand."""
UNACKNOWLEDGED_MS = 15_000
"""After this long without an acknowledgement the system gives a TCP connection up (Linux)."""


class Line(NamedTuple):
    """A socket with the websocket handshake done and nothing read past it."""

    socket: socket.socket | TlsSocket
    is_local: bool
    """The other end is this machine."""


def dial(address: Address, resolver: Resolver, guard: Guard) -> Line:
    """Connect, and have the connection upgraded to a websocket.

    Raises: LostError; RefusedError when the server answered with an HTTP status instead.
    """
    parts = urlsplit(address.url)
    is_secure = parts.scheme == "wss"
    host, port = parts.hostname or "", parts.port or (443 if is_secure else 80)
    with ExitStack() as on_failure:
        plain, place = _reach(host, port, resolver, guard)
        on_failure.enter_context(plain)
        connection: socket.socket | TlsSocket = plain
        if is_secure:
            connection = _encrypt(plain, host)
        elif not place.is_local:
            raise LostError(
                Ending(Remedy.GIVE_UP, "ws without encryption would show the token: the address must be wss")
            )
        _upgrade(connection, address)
        on_failure.pop_all()
        return Line(connection, place.is_local)


def _reach(host: str, port: int, resolver: Resolver, guard: Guard) -> tuple[socket.socket, Place]:
    places = resolver.places(host, port, guard)
    failure: OSError = OSError(0, "no address")
    for number, place in enumerate(places):
        with ExitStack() as on_failure:
            connection = on_failure.enter_context(socket.socket(place.family, socket.SOCK_STREAM))
            guard.watch(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
            # One address that does not answer, often the IPv6 one, leaves time for the others.
            connection.settimeout(guard.left() / (len(places) - number))
            try:
                connection.connect(place.address)
            except OSError as error:
                failure = error
                continue
            connection.settimeout(guard.left())
            resolver.worked(host, port, place)
            on_failure.pop_all()
            return connection, place
    raise lost("no connection to the server", failure)


def _encrypt(plain: socket.socket, host: str) -> TlsSocket:
    encrypted = TlsSocket(plain, host)
    try:
        encrypted.do_handshake()
    except OSError as error:
        raise lost("no secure connection to the server", error) from None
    return encrypted


def _upgrade(connection: socket.socket | TlsSocket, address: Address) -> None:
    # The library's messages hold the server's own words, and with a redirect the address: none of them goes further.
    client = websocket.WebSocket()
    try:
        client.connect(
            address.url,
            socket=_Opening(connection),
            header=dict(address.headers),
            suppress_origin=True,
            redirect_limit=0,
        )
    except websocket.WebSocketBadStatusException as error:
        raise RefusedError(error.status_code, error.resp_headers or {}) from None
    except websocket.WebSocketTimeoutException:
        raise lost("no answer to the websocket handshake in time") from None
    except websocket.WebSocketConnectionClosedException:
        raise lost("cut off during the websocket handshake") from None
    except (websocket.WebSocketException, ValueError, UnicodeError):
        if client.handshake_response is not None:  # a redirect: it would carry the token to wherever it points
            raise RefusedError(client.handshake_response.status, client.handshake_response.headers) from None
        raise lost("the answer is no websocket handshake") from None
    except OSError as error:
        raise lost("cut off during the websocket handshake", error) from None


class _Opening:
    """The socket as websocket-client sees it during the handshake: whole sends, and an answer of bounded length."""

    def __init__(self, connection: socket.socket | TlsSocket) -> None:
        self._connection = connection
        self._left = LONGEST_ANSWER
        self.gettimeout = connection.gettimeout
        self.fileno = connection.fileno

    def recv(self, size: int) -> bytes:
        data = self._connection.recv(min(size, self._left))
        self._left -= len(data)
        return data

    def send(self, data: bytes) -> int:
        self._connection.sendall(data)
        return len(data)

    def close(self) -> None:
        """The library closes what failed; `dial` does that itself."""
