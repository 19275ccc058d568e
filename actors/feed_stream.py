"""One connection's life from its subscription on: messages in, batches of ticks out."""

from collections import deque
from collections.abc import Collection, Sequence
from math import inf
from typing import Protocol

from actors.feed_meter import FeedMeter
from actors.heartbeat import Heartbeat
from brokers.broker import Decoded, FeedProtocol
from brokers.reconnect import Life
from brokers.websocket.connection import Connection
from brokers.websocket.deadlines import DataDeadline, Deadlines
from brokers.websocket.losses import LostError, lost
from market.clock import Clock
from market.tick import TickBatch


class TickSink(Protocol):
    """Where ticks go: the router."""

    def route(self, batch: TickBatch) -> None:
        """Hand a batch on; from any reader's thread."""
        ...

    def interrupted(self, keys: Collection[int]) -> None:
        """The connection that brings these instruments had a hole."""
        ...

    def finished(self) -> None:
        """The data is over."""
        ...


class FeedStream:
    """Subscribes to everything, then decodes and hands over whatever comes, on the reader's thread."""

    def __init__(
        self,
        protocol: FeedProtocol,
        connection: Connection,
        sink: TickSink,
        clock: Clock,
        deadlines: Deadlines,
        data_deadline: DataDeadline,
        meter: FeedMeter,
        heartbeat: Heartbeat,
    ) -> None:
        self.is_handling = False
        """Not waiting for bytes, so it should move."""
        self._connection, self._sink, self._clock = connection, sink, clock
        self._deadlines, self._data_deadline = deadlines, data_deadline
        self._meter, self._heartbeat = meter, heartbeat
        self._unsent = deque(protocol.subscriptions())
        self._next_due = -inf
        self._decoder = protocol.decoder()
        meter.new_decoder(self._decoder)
        self._began = clock.monotonic()
        data_deadline.start(self._began)
        self._first_tick: float | None = None
        self._last_tick = 0.0

    @property
    def is_alive(self) -> bool:
        """The server has said something."""
        return self._connection.is_alive

    def life(self) -> Life:
        """How it has fared up to now."""
        ticks_s = None if self._first_tick is None else self._last_tick - self._first_tick
        return Life(self._clock.monotonic() - self._began, ticks_s)

    def turn(self) -> None:
        """Wait for bytes at most one turn and handle what came. Raises: LostError, when the connection is over."""
        if self._unsent:
            self._subscribe()
        messages = self._connection.read()
        self._heartbeat.beat()
        if messages:
            self.is_handling = True
            try:
                self._handle(messages)
            finally:
                self.is_handling = False
        elif not self._unsent:
            silent = self._data_deadline.silence(self._clock.monotonic())
            if silent is not None:
                raise lost(f"connected, but no data for {silent:.0f} s")

    def _subscribe(self) -> None:
        """Ask for the next of what is wanted, or for all of it if nobody needs a pause."""
        now = self._clock.monotonic()
        if now < self._next_due:
            return
        self._connection.send(self._unsent.popleft())
        while self._connection.is_local and self._unsent:
            self._connection.send(self._unsent.popleft())
        self._next_due = now + self._deadlines.pace
        self._connection.turn_every(self._deadlines.pace if self._unsent else self._deadlines.turn)

    def _handle(self, messages: Sequence[bytes]) -> None:
        now = self._clock.monotonic()
        self._data_deadline.data(now)
        for decoded in self._decoded(messages):
            if decoded.ticks.keys:
                if self._first_tick is None:
                    self._first_tick = now
                self._last_tick = now
                self._meter.ticks += decoded.ticks.ticks
                self._route(decoded.ticks)
            if decoded.endings:
                raise LostError(decoded.endings[0])

    def _decoded(self, messages: Sequence[bytes]) -> list[Decoded]:
        """Decode together; should that raise, each for itself, so that only the one at fault is lost."""
        received_ms = self._clock.now_ms()
        try:
            return [self._decoder.decode(messages, received_ms)]
        except Exception as error:  # noqa: BLE001 - a decoder's bug must not end the feed: it is counted and told
            if len(messages) == 1:
                self._meter.count_error(error)
                return []
        return [decoded for message in messages for decoded in self._decoded([message])]

    def _route(self, batch: TickBatch) -> None:
        try:
            self._sink.route(batch)
        except Exception as error:  # noqa: BLE001 - as above
            self._meter.count_error(error)
