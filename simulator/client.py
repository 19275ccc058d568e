"""One connected client of the local exchange."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from simulator.bends import Bend
from simulator.faults import Faults, Victim
from simulator.frames import frames
from simulator.handshakes import Opening
from simulator.wire import Account, Message, Wire

CLOSE_WITHIN_S = 60.0
"""A client that has not answered our close by then is cut off; it may have much to read before it."""
NO_LINGER = struct.pack("ii", 1, 0)
"""Makes a close a TCP reset."""


class Client(Victim):
    """A websocket after its handshake: what it wants, what it was sent, and the faults that befall it."""

    def __init__(
        self, account: Account, opening: Opening, wire: Wire, faults: Faults, hear: Callable[["Client", bytes], None]
    ) -> None:
        """`hear` gets every message of the client."""
        self.account = account
        self.wire = wire
        self.wanted: dict[int, NDArray[np.bool_]] = {}
        """For each stream, whether the symbol of that index is wanted."""
        self.is_subscribed = False
        """It has asked for something, if only for symbols that are not played."""
        self.ticks_sent = 0
        """Ticks played to this client, welcomes not counted, before faults changed their number."""
        self.counts: Counter[str] = Counter()
        """Messages really sent, by kind."""
        self._protocol, self._reader, self._writer = opening.protocol, opening.reader, opening.writer
        self._loop = asyncio.get_running_loop()
        self._faults = faults
        self._hear = hear
        self._bends: list[Bend] = []
        self._parts: list[bytes] = []
        self._ponged = self._loop.time()
        self._is_mute = False
        """Answers nothing."""
        self._is_silent = False
        """Sends no message."""
        self._late_s = 0.0
        self._cut: tuple[int, float | None] | None = None
        self._held: bytearray | None = None
        """Bytes waiting behind half a frame."""
        self._flows = asyncio.Event()
        """Nothing is held."""
        self._flows.set()

    @property
    def is_open(self) -> bool:
        """Neither side has begun to close."""
        return self._protocol.state is State.OPEN and not self._writer.transport.is_closing()

    @property
    def is_listening(self) -> bool:
        """Takes ticks: open, subscribed, and no fault keeps them away."""
        return self.is_open and self.is_subscribed and not (self._is_mute or self._is_silent)

    @property
    def subscriptions(self) -> Mapping[int, list[str]]:
        """Symbols wanted, by stream."""
        return {
            stream: [self.wire.symbols[i] for i in np.flatnonzero(mask).tolist()]
            for stream, mask in self.wanted.items()
        }

    @property
    def instruments(self) -> int:
        """How many symbols are wanted, in whatever streams."""
        return int(np.any(list(self.wanted.values()), axis=0).sum()) if self.wanted else 0

    def subscribe(self, streams: Mapping[int, Sequence[int]]) -> None:
        """Want more symbols."""
        self.is_subscribed = True
        for stream, symbols in streams.items():
            if symbols:
                self.wanted.setdefault(stream, np.zeros(len(self.wire.symbols), bool))[symbols] = True

    def unsubscribe(self, streams: Mapping[int, Sequence[int]]) -> None:
        """Want fewer symbols."""
        for stream, symbols in streams.items():
            if stream in self.wanted:
                self.wanted[stream][symbols] = False

    async def listen(self) -> None:
        """Hear the client and keep the connection alive, until it ends."""
        pings = asyncio.create_task(self._ping())
        try:
            with suppress(ConnectionError):  # a reset is one way to end
                while data := await self._reader.read(65_536):
                    self._protocol.receive_data(data)
                    if not self._is_mute:
                        self._react()
        finally:
            pings.cancel()
            self._writer.transport.abort()

    def send_ticks(self, messages: Sequence[Message]) -> None:
        """Send ticks of the session, with the faults that fall due among them."""
        while messages and self._takes_messages:
            now = messages[: self._faults.due(self.ticks_sent, len(messages))]
            self.ticks_sent += len(now)
            self._send_bent(now)
            if self._takes_messages and self._faults.due(self.ticks_sent, 0) is not None:
                self._faults.take().strike(self)
            messages = messages[len(now) :]

    def send_messages(self, messages: Sequence[Message]) -> None:
        if not (messages and self._takes_messages):
            return
        self.counts.update(self.wire.count(messages))
        data = frames(messages)
        if self._cut is None:
            self._write(data)
            return
        (size, rest_after_s), self._cut = self._cut, None
        self._write(data[:size])
        self._is_mute = True
        if rest_after_s is None:
            self._is_silent = True
        else:
            self._held = bytearray(data[size:])
            self._flows.clear()
            self._loop.call_later(rest_after_s, self._release)

    async def drained(self) -> None:
        """Return when the client has taken most of what was sent."""
        if self.is_listening:
            with suppress(ConnectionError):
                await self._writer.drain()

    async def finish(self, reason: str) -> None:
        """Send what faults still hold back, then close."""
        for bend in self._bends:
            self.send_messages(bend.rest())
        await self._flows.wait()
        await asyncio.sleep(self._late_s)
        self.close(1000, reason)

    def kick(self, reason: int) -> None:
        self.send_messages([self.wire.kick(reason)])
        self.close(1000, "")

    def close(self, code: int, reason: str) -> None:
        if self.is_open and not self._is_mute:
            self._protocol.send_close(code, reason)
            self._flush()
            self._loop.call_later(CLOSE_WITHIN_S, self._writer.transport.abort)

    def leave(self) -> None:
        """Close because the exchange stops: without waiting for an answer."""
        self.close(1001, "")
        self._writer.close()

    def reset(self) -> None:
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self._writer.transport.abort()

    def fall_mute(self) -> None:
        self._is_mute = self._is_silent = True

    def withhold(self) -> None:
        self._is_silent = True

    def cut_next(self, size: int, rest_after_s: float | None) -> None:
        self._cut = size, rest_after_s

    def delay(self, seconds: float) -> None:
        self._late_s = seconds

    def send_raw(self, data: bytes) -> None:
        self._write(data)

    def add_bend(self, bend: Bend) -> None:
        self._bends.append(bend)

    @property
    def _takes_messages(self) -> bool:
        return self.is_open and not self._is_silent

    def _send_bent(self, messages: Sequence[Message]) -> None:
        for bend in self._bends:
            messages = bend.bend(messages)
        self._bends = [bend for bend in self._bends if not bend.is_over]
        self.send_messages(messages)

    def _write(self, data: bytes) -> None:
        if self._held is not None:
            self._held += data
        elif self._late_s:
            self._loop.call_later(self._late_s, self._write_now, data)
        else:
            self._write_now(data)

    def _write_now(self, data: bytes) -> None:
        if not self._writer.transport.is_closing():
            self._writer.write(data)

    def _release(self) -> None:
        held, self._held = self._held, None
        self._is_mute = False
        self._flows.set()
        self._write_now(bytes(held or b""))
        self._react()

    def _react(self) -> None:
        for event in self._protocol.events_received():
            assert isinstance(event, Frame)  # the request came before
            if event.opcode is Opcode.PONG:
                self._ponged = self._loop.time()
            elif event.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                self._parts.append(bytes(event.data))
                if event.fin:
                    message, self._parts = b"".join(self._parts), []
                    self._hear(self, message)
        self._flush()

    def _flush(self) -> None:
        """Send what the protocol wants sent: PONG, PING, close, and the end of the stream."""
        for data in self._protocol.data_to_send():
            if data:
                self._write_now(data)
            else:
                self._writer.close()

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(self.wire.ping_every_s)
            if self._is_mute or not self.is_open:
                continue
            if self._loop.time() - self._ponged > self.wire.pong_within_s:
                self._writer.transport.abort()
            else:
                self._protocol.send_ping(b"")
                self._flush()
