"""What the local exchange needs of a broker's wire format; one module beside this one for each broker."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from simulator.quotes import Quotes

Message = bytes | str
"""One websocket message: binary or text."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who connects, by the handshake."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A client asks for symbols."""

    streams: Mapping[int, Sequence[int]]
    """A stream is one kind of packet, by the wire's own number; each with indices of symbols."""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """A client wants symbols no more."""

    streams: Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Goodbye:
    """A client ends the connection politely."""


Request = Subscribe | Unsubscribe | Goodbye


class RefusedError(Exception):
    """A handshake lacks what the broker demands; answered with an HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Wire(ABC):
    """One broker's wire format for the symbols of one session."""

    symbols: Sequence[str]
    """What is played; packets, requests and quotes speak of indices into it."""
    is_listed: Sequence[bool]
    """Whether the broker lists the symbol of the same index; one that it does not is never sent."""
    price_kinds: Collection[str]
    """Kinds of message, as `count` names them, that carry a price: those a client makes ticks of."""
    connections_per_account: int
    instruments_per_connection: int
    too_many_connections: int
    """Reason of the kick that the oldest connection gets when an account opens one too many."""
    too_many_instruments: int
    ping_every_s: float
    pong_within_s: float
    """A client silent for longer is dropped."""

    @abstractmethod
    def account(self, target: str) -> Account:
        """Who asks for the request target `/path?query`. Raises: RefusedError."""

    @abstractmethod
    def request(self, message: bytes) -> Request | None:
        """What a client's message asks for; None for what a broker would ignore. Never raises."""

    @abstractmethod
    def packets(self, stream: int, quotes: Quotes) -> list[bytes]:
        """One packet of `stream` for each row."""

    @abstractmethod
    def welcome(self, stream: int, quotes: Quotes) -> list[Message]:
        """What a client gets at once for symbols it just subscribed to, as they stand."""

    @abstractmethod
    def opening(self) -> list[Message]:
        """What every client is told when trading begins."""

    @abstractmethod
    def messages(self, packets: list[bytes]) -> Sequence[Message]:
        """Packets as the broker puts them into websocket messages."""

    @abstractmethod
    def kick(self, reason: int) -> Message:
        """The broker's goodbye, before it closes."""

    @abstractmethod
    def count(self, messages: Sequence[Message]) -> Mapping[str, int]:
        """How many messages of each kind; `""` for what is none of the broker's."""

    @abstractmethod
    def never_traded(self, message: Message) -> Message:
        """The same message with trade time 0."""

    @abstractmethod
    def volume_lowered(self, message: Message, by: int) -> Message:
        """The same message with its day volume `by` units lower, at least 0."""
