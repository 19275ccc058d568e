"""Dhan's binary packets as they stand on the wire: layouts, codes, segments, and encoders for the local exchange.

Little endian throughout; each `Struct` stands beside its offsets. Prices are float32. The length in the header is
that of the whole packet, header included, although the documentation words it as the payload.

Source: DhanHQ v2 live market feed documentation, and dhanhq 2.3.0 `MarketFeed`, whose decoder is the tests' oracle.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from brokers.broker import Ending, Remedy


class ResponseCode(IntEnum):
    """First byte of a packet."""

    HEARTBEAT = 0
    """Undocumented, seen by other clients; carries nothing."""
    INDEX = 1
    """Listed by the documentation, never described: only its length says where the next packet starts."""
    TICKER = 2
    QUOTE = 4
    OPEN_INTEREST = 5
    PREVIOUS_CLOSE = 6
    MARKET_STATUS = 7
    FULL = 8
    DISCONNECT = 50


SEGMENTS: Final[Mapping[str, int]] = {
    "IDX_I": 0,
    "NSE_EQ": 1,
    "NSE_FNO": 2,
    "NSE_CURRENCY": 3,
    "BSE_EQ": 4,
    "MCX_COMM": 5,
    "BSE_CURRENCY": 7,
    "BSE_FNO": 8,
}
"""Exchange segments: as subscriptions spell them, and the byte that stands in packets."""

HEADER: Final = Struct("<BHBI")
HEADER_OFFSETS: Final = {"code": 0, "length": 1, "segment": 3, "security_id": 4}

TICKER: Final = Struct("<BHBIfI")
TICKER_OFFSETS: Final = {**HEADER_OFFSETS, "price": 8, "trade_time": 12}

QUOTE: Final = Struct("<BHBIfHIfIIIffff")
QUOTE_OFFSETS: Final = {
    **HEADER_OFFSETS,
    "price": 8,
    "last_quantity": 12,  # u16: 70,000 arrives as 4,464, so it is never volume
    "trade_time": 14,
    "average_price": 18,
    "day_volume": 22,  # cumulative since the start of the day, in units
    "total_sell": 26,  # sell comes before buy
    "total_buy": 30,
    "day_open": 34,
    "previous_close": 38,  # documented as "close"; during the session it is the day before's
    "day_high": 42,
    "day_low": 46,
}

OPEN_INTEREST: Final = Struct("<BHBII")
OPEN_INTEREST_OFFSETS: Final = {**HEADER_OFFSETS, "open_interest": 8}

PREVIOUS_CLOSE: Final = Struct("<BHBIfI")
PREVIOUS_CLOSE_OFFSETS: Final = {**HEADER_OFFSETS, "previous_close": 8, "previous_open_interest": 12}

FULL: Final = Struct("<BHBIfHIfIIIIIIffff100s")
FULL_OFFSETS: Final = {
    **HEADER_OFFSETS,
    "price": 8,
    "last_quantity": 12,
    "trade_time": 14,
    "average_price": 18,
    "day_volume": 22,
    "total_sell": 26,
    "total_buy": 30,
    "open_interest": 34,
    "open_interest_high": 38,
    "open_interest_low": 42,
    "day_open": 46,
    "previous_close": 50,
    "day_high": 54,
    "day_low": 58,
    "depth": 62,  # five levels of 20 bytes, best first
}

DEPTH_LEVEL: Final = Struct("<IIHHff")
DEPTH_LEVELS: Final = 5

DISCONNECT: Final = Struct("<BHBIH")
DISCONNECT_OFFSETS: Final = {**HEADER_OFFSETS, "reason": 8}

SIZES: Final[Mapping[int, int]] = {
    ResponseCode.TICKER: TICKER.size,
    ResponseCode.QUOTE: QUOTE.size,
    ResponseCode.OPEN_INTEREST: OPEN_INTEREST.size,
    ResponseCode.PREVIOUS_CLOSE: PREVIOUS_CLOSE.size,
    ResponseCode.MARKET_STATUS: HEADER.size,
    ResponseCode.FULL: FULL.size,
    ResponseCode.DISCONNECT: DISCONNECT.size,
}
"""Bytes of each packet whose layout is known."""

DISCONNECT_REASONS: Final[Mapping[int, tuple[str, Remedy]]] = {
    800: ("internal server error", Remedy.RETRY),
    804: ("too many instruments requested", Remedy.GIVE_UP),
    805: ("too many connections or requests: does another program use this account?", Remedy.COOL_DOWN),
    806: ("the account has no data API subscription", Remedy.GIVE_UP),
    807: ("access token expired", Remedy.NEW_TOKEN),
    808: ("authentication failed", Remedy.NEW_TOKEN),
    809: ("access token invalid", Remedy.NEW_TOKEN),
    810: ("client id invalid", Remedy.GIVE_UP),
    811: ("invalid expiry date", Remedy.GIVE_UP),
    812: ("invalid date format", Remedy.GIVE_UP),
    813: ("invalid security id", Remedy.GIVE_UP),
    814: ("invalid request", Remedy.GIVE_UP),
}
"""What the server's goodbye means. The SDK words 808 and 809 otherwise than the documentation; the number counts."""


def disconnect_ending(reason: int) -> Ending:
    """How a connection ended that the server closed with a disconnect packet; an unknown reason is worth a retry."""
    meaning, remedy = DISCONNECT_REASONS.get(reason, ("reason not documented", Remedy.RETRY))
    return Ending(remedy, f"{reason} {meaning}", code=reason)


class DepthLevel(NamedTuple):
    """One level of the book, both sides; quantities in units, prices in rupees."""

    bid_quantity: int = 0
    ask_quantity: int = 0
    bid_orders: int = 0
    ask_orders: int = 0
    bid_price: float = 0.0
    ask_price: float = 0.0


def raw_trade_time(epoch_ms: int, shift_s: int = 19_800) -> int:
    """A trade time as Dhan writes it: seconds of the Indian wall clock read as if it were UTC.

    Args:
        epoch_ms: trade time, epoch milliseconds UTC; 0 stays 0, an instrument that has not traded.
        shift_s: 19,800 as observed; 0 if the broker mends it one day.
    """
    return epoch_ms // 1000 + shift_s if epoch_ms else 0


def encode_ticker(*, segment: int, security_id: int, price: float, trade_time: int) -> bytes:
    """A ticker packet; `trade_time` is raw (see `raw_trade_time`)."""
    return TICKER.pack(ResponseCode.TICKER, TICKER.size, segment, security_id, price, trade_time)


def encode_quote(
    *,
    segment: int,
    security_id: int,
    price: float,
    trade_time: int,
    day_volume: int,
    last_quantity: int = 0,
    average_price: float = 0.0,
    total_sell: int = 0,
    total_buy: int = 0,
    day_open: float = 0.0,
    previous_close: float = 0.0,
    day_high: float = 0.0,
    day_low: float = 0.0,
) -> bytes:
    """A quote packet; `last_quantity` wraps at 65,536 as it does on the wire."""
    return QUOTE.pack(
        ResponseCode.QUOTE, QUOTE.size, segment, security_id, price, last_quantity & 0xFFFF, trade_time, average_price,
        day_volume, total_sell, total_buy, day_open, previous_close, day_high, day_low,
    )  # fmt: skip


def encode_full(
    *,
    segment: int,
    security_id: int,
    price: float,
    trade_time: int,
    day_volume: int,
    last_quantity: int = 0,
    average_price: float = 0.0,
    total_sell: int = 0,
    total_buy: int = 0,
    open_interest: int = 0,
    open_interest_high: int = 0,
    open_interest_low: int = 0,
    day_open: float = 0.0,
    previous_close: float = 0.0,
    day_high: float = 0.0,
    day_low: float = 0.0,
    depth: Sequence[DepthLevel] = (),
) -> bytes:
    """A full packet; levels missing from `depth` are empty, levels past the fifth are not sent."""
    levels = b"".join(DEPTH_LEVEL.pack(*level) for level in depth[:DEPTH_LEVELS])
    return FULL.pack(
        ResponseCode.FULL, FULL.size, segment, security_id, price, last_quantity & 0xFFFF, trade_time, average_price,
        day_volume, total_sell, total_buy, open_interest, open_interest_high, open_interest_low,
        day_open, previous_close, day_high, day_low, levels,
    )  # fmt: skip


def encode_open_interest(*, segment: int, security_id: int, open_interest: int) -> bytes:
    """An open interest packet, which comes beside quotes."""
    return OPEN_INTEREST.pack(ResponseCode.OPEN_INTEREST, OPEN_INTEREST.size, segment, security_id, open_interest)


def encode_previous_close(
    *, segment: int, security_id: int, previous_close: float, previous_open_interest: int = 0
) -> bytes:
    """A previous close packet, which comes on subscription."""
    return PREVIOUS_CLOSE.pack(
        ResponseCode.PREVIOUS_CLOSE, PREVIOUS_CLOSE.size, segment, security_id, previous_close, previous_open_interest
    )


def encode_market_status(*, segment: int, security_id: int = 0) -> bytes:
    """A market status packet: a header alone, which does not say what the status is."""
    return HEADER.pack(ResponseCode.MARKET_STATUS, HEADER.size, segment, security_id)


def encode_disconnect(*, reason: int) -> bytes:
    """The server's goodbye (`DISCONNECT_REASONS`)."""
    return DISCONNECT.pack(ResponseCode.DISCONNECT, DISCONNECT.size, 0, 0, reason)
