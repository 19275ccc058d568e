import struct
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from brokers.broker import Remedy
from brokers.dhan import packets
from brokers.dhan.packets import DepthLevel

QUOTE: dict[str, Any] = {
    "segment": 4,
    "security_id": 500_325,
    "price": 1320.75,
    "last_quantity": 321,
    "trade_time": 1_786_022_457,
    "average_price": 1311.5,
    "day_volume": 12_345_678,
    "total_sell": 111_222,
    "total_buy": 333_444,
    "day_open": 1300.25,
    "previous_close": 1299.75,
    "day_high": 1325.5,
    "day_low": 1288.25,
}
FULL: dict[str, Any] = {**QUOTE, "open_interest": 77, "open_interest_high": 88, "open_interest_low": 66}
TICKER: dict[str, Any] = {name: QUOTE[name] for name in ("segment", "security_id", "price", "trade_time")}
OPEN_INTEREST: dict[str, Any] = {"segment": 2, "security_id": 40_472, "open_interest": 11_760_060}
PREVIOUS_CLOSE: dict[str, Any] = {
    "segment": 1,
    "security_id": 2885,
    "previous_close": 1299.75,
    "previous_open_interest": 5,
}

LAYOUTS = [
    (2, 16, packets.encode_ticker, TICKER, packets.TICKER_OFFSETS),
    (4, 50, packets.encode_quote, QUOTE, packets.QUOTE_OFFSETS),
    (5, 12, packets.encode_open_interest, OPEN_INTEREST, packets.OPEN_INTEREST_OFFSETS),
    (6, 16, packets.encode_previous_close, PREVIOUS_CLOSE, packets.PREVIOUS_CLOSE_OFFSETS),
    (7, 8, packets.encode_market_status, {"segment": 1, "security_id": 9}, packets.HEADER_OFFSETS),
    (8, 162, packets.encode_full, FULL, packets.FULL_OFFSETS),
    (50, 10, packets.encode_disconnect, {"reason": 807}, packets.DISCONNECT_OFFSETS),
]


@pytest.mark.parametrize(("code", "size", "encode", "fields", "offsets"), LAYOUTS)
def test_every_field_stands_at_its_documented_offset(
    code: int, size: int, encode: Callable[..., bytes], fields: dict[str, Any], offsets: Mapping[str, int]
) -> None:
    packet = encode(**fields)
    assert len(packet) == size == packets.SIZES[code]
    for name, value in {"code": code, "length": size, **fields}.items():
        if name in {"code", "segment"}:
            kind = "<B"
        elif name in {"length", "last_quantity", "reason"}:
            kind = "<H"
        else:
            kind = "<f" if isinstance(value, float) else "<I"
        assert struct.unpack_from(kind, packet, offsets[name]) == (value,), name


def test_a_depth_level_holds_both_sides_and_missing_levels_are_empty() -> None:
    packet = packets.encode_full(**FULL, depth=[DepthLevel(10, 20, 1, 2, 99.5, 100.25)] * 2)
    depth = packet[packets.FULL_OFFSETS["depth"] :]
    assert depth[20:40] == struct.pack("<IIHHff", 10, 20, 1, 2, 99.5, 100.25)
    assert depth[40:] == bytes(60)


def test_levels_past_the_fifth_are_not_sent() -> None:
    level = DepthLevel(10, 20, 1, 2, 99.5, 100.25)
    assert packets.encode_full(**FULL, depth=[level] * 7) == packets.encode_full(**FULL, depth=[level] * 5)


def test_the_last_quantity_wraps_as_on_the_wire() -> None:
    packet = packets.encode_quote(**{**QUOTE, "last_quantity": 70_000})
    assert struct.unpack_from("<H", packet, packets.QUOTE_OFFSETS["last_quantity"]) == (4464,)


def test_a_raw_trade_time_is_the_indian_clock_read_as_utc() -> None:
    assert packets.raw_trade_time(1_786_002_657_999) == 1_786_022_457
    assert packets.raw_trade_time(1_786_002_657_000, shift_s=0) == 1_786_002_657
    assert packets.raw_trade_time(0) == 0


@pytest.mark.parametrize(
    ("reasons", "remedy"),
    [
        ((800, 0, 803, 65_535), Remedy.RETRY),
        ((805,), Remedy.COOL_DOWN),
        ((807, 808, 809), Remedy.NEW_TOKEN),
        ((804, 806, 810, 811, 812, 813, 814), Remedy.GIVE_UP),
    ],
)
def test_each_disconnect_reason_has_its_remedy(reasons: tuple[int, ...], remedy: Remedy) -> None:
    for reason in reasons:
        ending = packets.disconnect_ending(reason)
        assert (ending.remedy, ending.code) == (remedy, reason)
        assert str(reason) in ending.detail
