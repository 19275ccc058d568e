"""A client of the local exchange that keeps everything it gets; and what small sessions it plays to it."""

import json
import struct
from collections.abc import Iterator

import websocket

from simulator.server import LocalExchange

QUERY = "/?version=2&token=tok.en&clientId=100&authType=2"
QUOTES, NO_QUOTES, GOODBYE = 17, 18, 12
START_MS = 1_763_351_100_000
"""Monday 17 November 2025, 09:15 in India."""
SYMBOLS = ("NSE:A", "NSE:B&C", "NSE:D-E", "NSE:F")
IDS = (11, 12, 13, 14)
TICKS = 40
PATIENCE_S = 10


class RawClient:
    """websocket-client, with every message and the close kept."""

    def __init__(self, exchange: LocalExchange, query: str = QUERY, **options: object) -> None:
        self.socket = websocket.create_connection(exchange.url + query, **{"timeout": PATIENCE_S, **options})
        self.closed: tuple[int, str] | None = None

    def send(self, message: object) -> None:
        self.socket.send(json.dumps(message))

    def subscribe(self, code: int, *security_ids: int, segment: str = "NSE_EQ") -> None:
        listed = [{"ExchangeSegment": segment, "SecurityId": str(number)} for number in security_ids]
        self.send({"RequestCode": code, "InstrumentCount": len(listed), "InstrumentList": listed})

    def messages(self) -> Iterator[bytes]:
        """Messages until the server closes; the close is answered and kept."""
        while self.closed is None:
            opcode, data = self.socket.recv_data(control_frame=True)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                self.closed = struct.unpack(">H", data[:2])[0], data[2:].decode()
                self.socket.shutdown()
            elif opcode in {websocket.ABNF.OPCODE_BINARY, websocket.ABNF.OPCODE_TEXT}:
                yield data

    def ticks(self) -> list[bytes]:
        """Price packets until the server closes, without those that say that nothing was traded yet."""
        return [packet for packet in self.messages() if packet[0] == 4 and packet[14:18] != bytes(4)]
