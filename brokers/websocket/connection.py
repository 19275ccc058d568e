"""One websocket connection after its handshake: a read takes all there is, and nothing may keep us waiting for ever."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from websocket import ABNF

from brokers.broker import Address, Ending, Remedy
from brokers.websocket.deadlines import Deadlines
from brokers.websocket.dial import Line, dial
from brokers.websocket.frames import CLOSE, PING, PONG, TEXT, FrameParser, close_reason
from brokers.websocket.guard import Guard
from brokers.websocket.losses import LostError, lost
from brokers.websocket.resolver import Resolver
from market.clock import Clock
from redaction import Redactor, one_line

READ_SIZE = 256 * 1024
"""Bytes; a market's burst of thousands of ticks in one read."""
NORMAL_CLOSE = 1000
LONGEST_REASON = 100
"""Characters of a server's own words that are shown."""


@dataclass(slots=True)
class Traffic:
    """What came over all connections of one feed, control frames included."""

    frames: int = 0
    bytes: int = 0
    last_frame: float | None = None
    """When the last frame was complete, monotonic seconds."""


class Connection:
    """Used by one thread alone, for TLS allows no other; only the guard's `cut` may come from elsewhere."""

    def __init__(
        self,
        line: Line,
        address: Address,
        guard: Guard,
        deadlines: Deadlines,
        clock: Clock,
        traffic: Traffic,
        data_expected: Callable[[], bool],
    ) -> None:
        self.is_alive = False
        """A frame has come: the time limit of connecting no longer applies."""
        self.is_local = line.is_local
        """Whether the other side is this machine."""
        self._socket = line.socket
        self._guard = guard
        self._deadlines = deadlines
        self._monotonic = clock.monotonic
        self._traffic = traffic
        self._data_expected = data_expected
        self._redactor = Redactor()
        for _name, value in parse_qsl(urlsplit(address.url).query):
            self._redactor.register(value)
        for value in address.headers.values():
            self._redactor.register(value)
        self._parser = FrameParser()
        self._buffer = bytearray(READ_SIZE)
        self._view = memoryview(self._buffer)
        self._turn = deadlines.turn
        self._last_frame = self._monotonic()
        self._has_pinged = False
        self._half = 0
        self._half_since = 0.0
        self._over: LostError | None = None
        """Known to be over: raised by the next read, after what came before was given out."""
        self._unheard: LostError | None = None
        """The server no longer takes what we say; what it said before, such as why, may still be read."""
        self._socket.settimeout(self._turn)

    def read(self) -> list[bytes]:
        """Messages that arrived together; none after a turn without any. PING is answered on the way.

        Raises: LostError.
        """
        if self._over is not None:
            raise self._over
        try:
            size = self._socket.recv_into(self._buffer)
        except TimeoutError:
            self._look_around()
            return []
        except OSError as error:
            raise self._unheard or self._cut_off(error) from None
        if not size:
            raise self._unheard or self._cut_off()
        now = self._monotonic()
        parser, traffic = self._parser, self._traffic
        messages = parser.feed(bytes(self._view[:size]))
        traffic.bytes += size
        if messages or parser.controls:
            traffic.frames += len(messages) + len(parser.controls)
            traffic.last_frame = self._last_frame = now
            self._has_pinged = False
            if not self.is_alive:
                self.is_alive = True
                self._guard.release()
        if parser.controls:
            self._react()
        if parser.violation is not None:
            self._say(CLOSE, parser.violation.close_code.to_bytes(2, "big"))
            self._over = lost(f"the server broke the websocket protocol with {parser.violation.reason}")
        elif parser.pending:
            self._watch_half(now)
        return messages

    def send(self, text: str) -> None:
        """Say something; a server that takes nothing is noticed by the next read."""
        self._say(TEXT, text)

    def turn_every(self, seconds: float | None = None) -> None:
        """Let `read` return at least so often; as in the deadlines if not told otherwise."""
        self._turn = self._deadlines.turn if seconds is None else seconds
        self._socket.settimeout(self._turn)

    def close(self, goodbye: str | None = None) -> None:
        """Say goodbye if the server may still listen, wait a moment for its answer, and close. Once is enough."""
        self._guard.release()
        if self._socket.fileno() < 0:
            return
        try:
            if self._over is None:
                if goodbye is not None:
                    self._say(TEXT, goodbye)
                self._say(CLOSE, NORMAL_CLOSE.to_bytes(2, "big"))
            if self._over is None and self._unheard is None:
                self._drain()
        finally:
            self._socket.close()

    def _say(self, opcode: int, payload: str | bytes) -> None:
        if self._unheard is not None:
            return
        frame: bytes = ABNF.create_frame(payload, opcode).format()
        try:
            self._socket.settimeout(self._deadlines.send)
            self._socket.sendall(frame)
            self._socket.settimeout(self._turn)
        except OSError as error:
            self._unheard = lost("the server takes nothing any more", error)

    def _drain(self) -> None:
        """Read what still comes: closing with bytes unread would be a reset, which may swallow our goodbye."""
        until = self._monotonic() + self._deadlines.farewell
        with suppress(OSError):
            self._socket.settimeout(self._deadlines.farewell)
            while self._socket.recv_into(self._buffer) and self._monotonic() < until:
                pass

    def _react(self) -> None:
        """Answer control frames."""
        for opcode, payload in self._parser.controls:
            if opcode == PING:
                self._say(PONG, payload)
            elif opcode == CLOSE:
                code, text = close_reason(payload)
                self._say(CLOSE, payload[:2])
                shown = one_line(self._redactor.redact(text))[:LONGEST_REASON]
                self._over = LostError(
                    Ending(Remedy.RETRY, f"closed by the server: {code} {shown}".rstrip(), code=code)
                )
        self._parser.controls.clear()

    def _look_around(self) -> None:
        """A turn without bytes: whose time is over?"""
        if self._unheard is not None:
            raise self._unheard
        now = self._monotonic()
        if self._parser.pending:
            self._watch_half(now)
        limit = self._deadlines.frame if self._data_expected() else self._deadlines.quiet_frame
        silent = now - self._last_frame
        if silent > limit and self._over is None:
            self._over = lost(f"no frame for {silent:.0f} s, not even a PING")
        elif silent > limit / 2 and not self._has_pinged:
            self._has_pinged = True
            self._say(PING, b"")

    def _watch_half(self, now: float) -> None:
        """A message has begun: it must not take for ever."""
        if self._parser.pending != self._half:
            self._half, self._half_since = self._parser.pending, now
        elif now - self._half_since > self._deadlines.half_frame:
            self._over = lost(f"half a message, and no more of it for {now - self._half_since:.0f} s")

    def _cut_off(self, error: OSError | None = None) -> LostError:
        if not self.is_alive and self._guard.is_late:
            return lost(f"connected, but nothing came within {self._deadlines.connect:g} s of starting")
        return lost("the server cut the connection without saying why", error)


def connect(
    address: Address,
    resolver: Resolver,
    guard: Guard,
    deadlines: Deadlines,
    clock: Clock,
    traffic: Traffic,
    data_expected: Callable[[], bool],
) -> Connection:
    """Connect, within the guard's time limit, which goes on until the first frame or a failure.

    Raises: LostError; RefusedError when the server answered with an HTTP status instead of the upgrade.
    """
    try:
        line = dial(address, resolver, guard)
    except BaseException as error:
        guard.release()
        if isinstance(error, LostError) and guard.is_late:
            raise lost(f"no connection within {deadlines.connect:g} s") from None
        raise
    return Connection(line, address, guard, deadlines, clock, traffic, data_expected)
