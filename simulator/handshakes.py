"""Handshakes: the part of a connection before it is a websocket, and how it can go wrong."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from http import HTTPStatus

from websockets.http11 import Request
from websockets.server import ServerProtocol


@dataclass(frozen=True, slots=True)
class Opening:
    """A connection that asked for a websocket and has no answer yet."""

    request: Request
    protocol: ServerProtocol
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def accept(self) -> bool:
        """Prepare the upgrade; False, and a refusal prepared, when the request is no valid websocket handshake."""
        response = self.protocol.accept(self.request)
        self.protocol.send_response(response)
        return response.status_code == HTTPStatus.SWITCHING_PROTOCOLS

    async def refuse(self, status: int, body: str = "", retry_after_s: int | None = None) -> None:
        """Answer with an HTTP status."""
        response = self.protocol.reject(HTTPStatus(status), body)
        if retry_after_s is not None:
            response.headers["Retry-After"] = str(retry_after_s)
        self.protocol.send_response(response)
        self.flush()
        self.writer.close()
        await self.writer.wait_closed()

    def flush(self) -> None:
        """Send what has been prepared."""
        self.writer.write(b"".join(self.protocol.data_to_send()))


async def opening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Opening | None:
    """Read the request of a new connection; None when it ends before it has sent one, or sends something else."""
    protocol = ServerProtocol()
    while data := await reader.read(65_536):
        protocol.receive_data(data)
        for event in protocol.events_received():
            assert isinstance(event, Request)  # the first event of a server's side
            return Opening(event, protocol, reader, writer)
        if protocol.handshake_exc is not None:
            return None
    return None


class Answer(ABC):
    """What a client gets instead of the upgrade; afterwards the connection is closed."""

    @abstractmethod
    async def give(self, opening: Opening) -> None:
        """Answer, and return when the connection may be closed."""


@dataclass(frozen=True, slots=True)
class Refuse(Answer):
    """An HTTP status: `Refuse(429, retry_after_s=2)`."""

    status: int
    retry_after_s: int | None = None
    body: str = ""

    async def give(self, opening: Opening) -> None:
        await opening.refuse(self.status, self.body, self.retry_after_s)


class NoAnswer(Answer):
    """TCP was accepted, and that is all."""

    async def give(self, opening: Opening) -> None:
        await opening.reader.read()


@dataclass(frozen=True, slots=True)
class Drip(Answer):
    """An upgrade that never ends: one byte of an endless header at a time."""

    every_s: float = 0.5

    async def give(self, opening: Opening) -> None:
        opening.writer.write(b"HTTP/1.1 101 Switching Protocols\r\nX-Patience: ")
        while not opening.reader.at_eof():
            opening.writer.write(b"a")
            await opening.writer.drain()
            await asyncio.sleep(self.every_s)
