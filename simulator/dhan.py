"""Dhan's side of a live market feed connection (DhanHQ v2)."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from struct import Struct
from typing import Any
from urllib.parse import parse_qs, urlsplit

from brokers.dhan.packets import (
    FULL,
    FULL_OFFSETS,
    HEADER,
    HEADER_OFFSETS,
    QUOTE,
    QUOTE_OFFSETS,
    SEGMENTS,
    TICKER,
    TICKER_OFFSETS,
    ResponseCode,
    encode_disconnect,
    encode_market_status,
)
from brokers.listing import Listing
from simulator.dhan_packets import DERIVATIVES, PacketTables
from simulator.quotes import Quotes
from simulator.wire import Account, Goodbye, Message, RefusedError, Request, Subscribe, Unsubscribe, Wire

SUBSCRIPTIONS = {15: ResponseCode.TICKER, 17: ResponseCode.QUOTE, 21: ResponseCode.FULL}
"""Packets that each request code asks for; the code that ends the subscription is one higher."""
GOODBYE = 12
QUERY = ("version", "token", "clientId", "authType")
KINDS: Mapping[bytes | str, str] = {bytes([code]): code.name.lower() for code in ResponseCode}
LAYOUTS: Mapping[bytes | str, tuple[Struct, Mapping[str, int]]] = {
    bytes([ResponseCode.TICKER]): (TICKER, TICKER_OFFSETS),
    bytes([ResponseCode.QUOTE]): (QUOTE, QUOTE_OFFSETS),
    bytes([ResponseCode.FULL]): (FULL, FULL_OFFSETS),
}
"""Price packets by their first byte."""


class DhanWire(Wire):
    """Dhan's packets and requests for the symbols of one session; a stream is a response code."""

    price_kinds = ("ticker", "quote", "full")
    connections_per_account = 5
    instruments_per_connection = 5000
    too_many_connections = 805
    too_many_instruments = 804
    ping_every_s = 10.0
    pong_within_s = 40.0

    def __init__(self, symbols: Sequence[str], listings: Iterable[Listing], shift_s: int = 19_800) -> None:
        """`shift_s` is what the broker adds to trade times: 19,800 as observed, 0 if it mends that one day."""
        self.symbols = symbols
        by_symbol = {listing.instrument.symbol: listing for listing in listings}
        found = [by_symbol.get(symbol) for symbol in symbols]
        self.is_listed = [listing is not None for listing in found]
        self._index = {listing.key: index for index, listing in enumerate(found) if listing}
        self._tables = PacketTables(found, shift_s)

    def account(self, target: str) -> Account:
        query = parse_qs(urlsplit(target).query)
        missing = [name for name in QUERY if name not in query]
        if missing:
            raise RefusedError(400, f"the address lacks {', '.join(missing)}")
        return Account(query["clientId"][0], query["token"][0])

    def request(self, message: bytes) -> Request | None:
        try:
            wish = json.loads(message)
            code = wish["RequestCode"]
            if code == GOODBYE:
                return Goodbye()
            keys = [SEGMENTS[one["ExchangeSegment"]] << 32 | int(one["SecurityId"]) for one in wish["InstrumentList"]]
        except (ValueError, KeyError, TypeError):
            return None
        symbols = [self._index[key] for key in keys if key in self._index]
        if code in SUBSCRIPTIONS:
            return Subscribe(self._streams(SUBSCRIPTIONS[code], symbols))
        if code - 1 in SUBSCRIPTIONS:
            return Unsubscribe(self._streams(SUBSCRIPTIONS[code - 1], symbols))
        return None

    def packets(self, stream: int, quotes: Quotes) -> list[bytes]:
        return self._tables.packets(stream, quotes)

    def welcome(self, stream: int, quotes: Quotes) -> list[Message]:
        snapshots = self.packets(stream, quotes)
        if stream == ResponseCode.OPEN_INTEREST:
            return [*snapshots]
        closes = self.packets(ResponseCode.PREVIOUS_CLOSE, quotes)
        return [packet for pair in zip(closes, snapshots, strict=True) for packet in pair]

    def opening(self) -> list[Message]:
        segments = {
            int(segment) for segment, listed in zip(self._tables.segment, self.is_listed, strict=True) if listed
        }
        return [encode_market_status(segment=segment) for segment in sorted(segments)]

    def messages(self, packets: list[bytes]) -> Sequence[Message]:
        return packets

    def kick(self, reason: int) -> Message:
        return encode_disconnect(reason=reason)

    def count(self, messages: Sequence[Message]) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for code, number in Counter(message[:1] for message in messages).items():
            counts[KINDS.get(code, "")] += number
        return counts

    def never_traded(self, message: Message) -> Message:
        return _patched(message, "trade_time", lambda _: 0)

    def volume_lowered(self, message: Message, by: int) -> Message:
        return _patched(message, "day_volume", lambda volume: max(0, volume - by))

    def _streams(self, stream: int, symbols: list[int]) -> dict[int, list[int]]:
        """A derivative's quotes come with open interest in packets of its own."""
        if stream != ResponseCode.QUOTE:
            return {stream: symbols}
        derivatives = [index for index in symbols if self._tables.segment[index] in DERIVATIVES]
        return {stream: symbols, ResponseCode.OPEN_INTEREST: derivatives}


def _patched(message: Message, field: str, change: Callable[[Any], Any]) -> Message:
    """A price packet with one field changed; anything else as it is."""
    struct, offsets = LAYOUTS.get(message[:1], (HEADER, HEADER_OFFSETS))
    if not isinstance(message, bytes) or field not in offsets:
        return message
    place = list(offsets).index(field)
    values = list(struct.unpack(message[: struct.size]))
    values[place] = change(values[place])
    return struct.pack(*values) + message[struct.size :]
