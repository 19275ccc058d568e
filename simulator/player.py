"""What is played: the messages that each client gets, step by step."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from simulator.quotes import Quotes, before_trading, quotes_of
from simulator.recorder import Recording
from simulator.session import Integers, Session
from simulator.wire import Message, Subscribe, Wire

Wanted = Mapping[int, NDArray[np.bool_]]
"""For each stream, whether the symbol of that index is wanted."""


class Player(ABC):
    """A session in messages, step by step: a step is a tick or a frame."""

    due_ms: Integers
    """Market time of each step, never falling."""

    @abstractmethod
    def is_all_wanted(self, wanted: Iterable[Wanted]) -> bool:
        """Whether the clients together want everything there is."""

    @abstractmethod
    def opening(self) -> Sequence[Message]:
        """What clients get when play begins."""

    @abstractmethod
    def welcome(self, request: Subscribe) -> Sequence[Message]:
        """What a client gets at once when it subscribes."""

    @abstractmethod
    def turn(self, start: int, stop: int) -> None:
        """Take steps `[start, stop)`, which follow the ones before."""

    @abstractmethod
    def messages(self, wanted: Wanted) -> Sequence[Message]:
        """What the latest turn holds for a client."""


class SessionPlayer(Player):
    """Plays recorded ticks as quotes in a broker's wire format."""

    def __init__(self, session: Session, wire: Wire) -> None:
        self._wire = wire
        self._quotes = quotes_of(session)
        self._untraded = before_trading(self._quotes, len(session.symbols))
        self._latest = np.full(len(session.symbols), -1, np.int64)
        """Row of each symbol's latest tick, -1 before its first."""
        self._listed = np.array(wire.is_listed, bool)
        self._now: Quotes = self._quotes.take(slice(0, 0))
        self._packets: dict[int, list[bytes]] = {}
        self.due_ms = session.due_ms

    def is_all_wanted(self, wanted: Iterable[Wanted]) -> bool:
        masks = [mask for one in wanted for mask in one.values()]
        return bool(masks) and bool(np.all(np.any(masks, axis=0) | ~self._listed))

    def opening(self) -> Sequence[Message]:
        return self._wire.opening()

    def welcome(self, request: Subscribe) -> Sequence[Message]:
        messages: list[Message] = []
        for stream, symbols in request.streams.items():
            for traded in (False, True):
                chosen = [symbol for symbol in symbols if (self._latest[symbol] >= 0) == traded]
                quotes = (
                    self._quotes.take(self._latest[chosen])
                    if traded
                    else self._untraded.take(np.array(chosen, np.int64))
                )
                messages += self._wire.welcome(stream, quotes)
        return messages

    def turn(self, start: int, stop: int) -> None:
        self._now = self._quotes.take(slice(start, stop))
        self._latest[self._now.symbol] = np.arange(start, stop)
        self._packets = {}

    def messages(self, wanted: Wanted) -> Sequence[Message]:
        rows: list[int] = []
        packets: list[bytes] = []
        for stream, mask in wanted.items():
            mine = np.flatnonzero(mask[self._now.symbol]).tolist()
            of_stream = self._of(stream)
            rows += mine
            packets += [of_stream[row] for row in mine]
        if len(wanted) > 1:
            packets = [packet for _, packet in sorted(zip(rows, packets, strict=True), key=itemgetter(0))]
        return self._wire.messages(packets)

    def _of(self, stream: int) -> list[bytes]:
        """Packets of this turn, made once for all clients."""
        if stream not in self._packets:
            self._packets[stream] = self._wire.packets(stream, self._now)
        return self._packets[stream]


class RecordingPlayer(Player):
    """Plays recorded frames byte for byte to every client that subscribed to anything."""

    def __init__(self, recording: Recording) -> None:
        self._frames = recording.frames
        self._now: Sequence[Message] = ()
        self.due_ms = np.maximum.accumulate(np.array(recording.received_ms, np.int64))

    def is_all_wanted(self, wanted: Iterable[Wanted]) -> bool:  # noqa: ARG002 - nobody knows what is in the frames
        return False

    def opening(self) -> Sequence[Message]:
        return ()

    def welcome(self, request: Subscribe) -> Sequence[Message]:  # noqa: ARG002 - welcomes are among the frames
        return ()

    def turn(self, start: int, stop: int) -> None:
        self._now = self._frames[start:stop]

    def messages(self, wanted: Wanted) -> Sequence[Message]:  # noqa: ARG002 - every client gets every frame
        return self._now
