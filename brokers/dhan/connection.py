"""Dhan's side of a live feed connection: what to say, and what its refusals mean.

Source: DhanHQ v2 live market feed documentation, and the messages that dhanhq 2.3.0 sends.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from brokers.broker import Address, Ending, FeedProtocol, Remedy
from brokers.dhan.codec import DhanDecoder
from brokers.dhan.credentials import Credentials
from brokers.dhan.packets import SEGMENTS
from brokers.dhan.trade_time import TradeTimes
from brokers.listing import Listing
from brokers.websocket.retry_after import retry_after_s
from market.instrument import Kind
from settings.schema import Dhan

LISTINGS_PER_MESSAGE = 100
REQUEST_CODES = {"ticker": 15, "quote": 17, "full": 21}
GOODBYE = '{"RequestCode":12}'
SEGMENT_NAMES = {number: name for name, number in SEGMENTS.items()}


class DhanFeed(FeedProtocol):
    """One connection of at most 5,000 instruments."""

    account = "dhan"

    def __init__(
        self,
        name: str,
        settings: Dhan,
        listings: Sequence[Listing],
        credentials: Callable[[], Credentials],
        *,
        averages: bool = False,
    ) -> None:
        self.name = name
        self.listings = listings
        self._settings = settings
        self._credentials = credentials
        self._averages = averages
        self._tick_sizes = {listing.key: listing.instrument.tick_size for listing in listings}
        # Kept across connections, for what was learnt of the trade times holds for the next one too.
        self._trade_times = TradeTimes() if settings.market_clock == "wall" else None

    def address(self) -> Address:
        credentials = self._credentials()
        query = urlencode(
            {
                "version": 2,
                "token": credentials.access_token.reveal(),
                "clientId": credentials.client_id.reveal(),
                "authType": 2,
            }
        )
        base = self._settings.url.rstrip("/")
        return Address(f"{base}/?{query}", base)

    def subscriptions(self) -> list[str]:
        return list(self._subscriptions())

    def _subscriptions(self) -> Iterator[str]:
        by_code: dict[int, list[dict[str, str]]] = {}
        for listing in self.listings:
            one = {"ExchangeSegment": SEGMENT_NAMES[listing.segment], "SecurityId": str(listing.security_id)}
            by_code.setdefault(self._request_code(listing), []).append(one)
        for code, wanted in by_code.items():
            for start in range(0, len(wanted), LISTINGS_PER_MESSAGE):
                some = wanted[start : start + LISTINGS_PER_MESSAGE]
                message = {"RequestCode": code, "InstrumentCount": len(some), "InstrumentList": some}
                yield json.dumps(message, separators=(",", ":"))

    def _request_code(self, listing: Listing) -> int:
        mode = self._settings.mode
        if mode == "full" and listing.instrument.kind is Kind.INDEX:
            mode = "quote"  # an index has no depth; quotes of indices have been seen, full packets have not
        return REQUEST_CODES[mode]

    def goodbye(self) -> str:
        return GOODBYE

    def decoder(self) -> DhanDecoder:
        return DhanDecoder(self._tick_sizes, self._settings.mode, self._trade_times, averages=self._averages)

    def handshake_refused(self, status: int, headers: Mapping[str, str]) -> Ending:
        detail = f"HTTP {status} instead of a connection"
        wait_s = retry_after_s(headers)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Ending(Remedy.COOL_DOWN, f"{detail}: too many connections or requests", wait_s, status)
        if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return Ending(Remedy.NEW_TOKEN, f"{detail}: access token or client id refused", code=status)
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            # Nobody has seen one and knows what it means: not so often as to annoy, but not never again either.
            return Ending(Remedy.COOL_DOWN, detail, wait_s, status)
        return Ending(Remedy.RETRY, f"{detail}: the server is in trouble", wait_s, status)
