import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from brokers.dhan.codec import DhanDecoder
from brokers.dhan.packets import (
    DEPTH_LEVEL,
    FULL,
    FULL_OFFSETS,
    QUOTE,
    QUOTE_OFFSETS,
    DepthLevel,
    ResponseCode,
    encode_full,
    encode_quote,
    encode_ticker,
    raw_trade_time,
)
from brokers.listing import Listing
from market.instrument import Instrument, Kind
from simulator.dhan import DhanWire
from simulator.quotes import Quotes, quotes_of
from simulator.synthetic import synthetic_session
from simulator.wire import Account, Goodbye, RefusedError, Subscribe, Unsubscribe

START_MS = 1_763_351_100_000
SYMBOLS = ("NSE:TCS", "NSE:NIFTY-27NOV2025-FUT", "NSE:GONE")
LISTINGS = [
    Listing(Instrument("NSE:TCS", "NSE", Kind.EQUITY), 1, 11_536),
    Listing(Instrument("NSE:NIFTY-27NOV2025-FUT", "NSE", Kind.FUTURE, tick_size=0.1), 2, 11_536),
    Listing(Instrument("NSE:OTHER", "NSE", Kind.EQUITY), 1, 5),
]
TCS, FUTURE, GONE = range(3)
TICKER, QUOTED, OPEN_INTEREST, IN_FULL = 2, 4, 5, 8


@pytest.fixture
def wire() -> DhanWire:
    return DhanWire(SYMBOLS, LISTINGS)


@pytest.fixture
def quotes() -> Quotes:
    return quotes_of(synthetic_session(SYMBOLS[:2], 100, 10, START_MS))


def message(code: int, *instruments: tuple[str, str], **others: object) -> bytes:
    listed = [{"ExchangeSegment": segment, "SecurityId": number} for segment, number in instruments]
    return json.dumps(
        {"RequestCode": code, "InstrumentCount": len(listed), "InstrumentList": listed, **others}
    ).encode()


def fields(packet: bytes, layout: struct.Struct, offsets: dict[str, int]) -> dict[str, float]:
    return dict(zip(offsets, layout.unpack(packet), strict=True))


@pytest.mark.parametrize(
    ("stream", "encode"), [(TICKER, encode_ticker), (QUOTED, encode_quote), (IN_FULL, encode_full)]
)
def test_packets_made_together_are_those_of_the_one_by_one_encoders(
    wire: DhanWire, quotes: Quotes, stream: int, encode: Callable[..., bytes]
):
    for row, packet in enumerate(wire.packets(stream, quotes)):
        one = quotes.take(slice(row, row + 1))
        index = int(one.symbol[0])
        wanted: dict[str, Any] = {
            "segment": LISTINGS[index].segment,
            "security_id": 11_536,
            "price": float(one.price[0]),
            "trade_time": raw_trade_time(int(one.times_ms[0])),
        }
        if stream != TICKER:
            wanted |= {
                "day_volume": int(one.volume[0]),
                "last_quantity": int(one.quantity[0]),
                "average_price": float(one.average[0]),
                "total_sell": int(one.to_sell[0]),
                "total_buy": int(one.to_buy[0]),
                "day_open": float(one.day_open[0]),
                "previous_close": float(one.previous_close[0]),
                "day_high": float(one.day_high[0]),
                "day_low": float(one.day_low[0]),
            }
        if stream == IN_FULL:
            has_interest = index == FUTURE
            interest = struct.unpack_from("<III", packet, FULL_OFFSETS["open_interest"])
            names = ("open_interest", "open_interest_high", "open_interest_low")
            wanted |= dict(zip(names, interest, strict=True))
            wanted["depth"] = [DepthLevel(*level) for level in DEPTH_LEVEL.iter_unpack(packet[FULL_OFFSETS["depth"] :])]
            assert all(interest) == any(interest) == has_interest
        assert packet == encode(**wanted)


def test_open_interest_is_a_derivatives_and_the_book_surrounds_the_price(wire: DhanWire, quotes: Quotes):
    for packet in wire.packets(IN_FULL, quotes):
        full = fields(packet, FULL, FULL_OFFSETS)
        is_future = full["segment"] == 2
        assert (full["open_interest"] > 0) == is_future
        assert full["open_interest_low"] <= full["open_interest"] <= full["open_interest_high"]
        levels = list(DEPTH_LEVEL.iter_unpack(packet[FULL_OFFSETS["depth"] :]))
        bids, asks = [level[4] for level in levels], [level[5] for level in levels]
        assert bids == sorted(set(bids), reverse=True)
        assert asks == sorted(set(asks))
        assert bids[0] == full["price"] < asks[0]
        assert asks[0] - bids[0] == pytest.approx(0.1 if is_future else 0.05, abs=1e-3)


def test_the_decoder_reads_the_recorded_ticks_whatever_the_shift(quotes: Quotes):
    decoded = DhanDecoder({}).decode(DhanWire(SYMBOLS, LISTINGS).packets(QUOTED, quotes), 0).ticks
    assert decoded.times_ms == (quotes.times_ms // 1000 * 1000).tolist()
    assert decoded.prices == quotes.price.tolist()
    assert decoded.volumes == quotes.volume.tolist()
    true_utc = DhanWire(SYMBOLS, LISTINGS, shift_s=0).packets(QUOTED, quotes)[0]
    assert fields(true_utc, QUOTE, QUOTE_OFFSETS)["trade_time"] == quotes.times_ms[0] // 1000


def test_a_welcome_is_a_previous_close_and_a_snapshot_of_each_symbol(wire: DhanWire, quotes: Quotes):
    welcome = wire.welcome(QUOTED, quotes.take(slice(0, 2)))
    assert [packet[0] for packet in welcome] == [6, 4, 6, 4]
    assert [packet[0] for packet in wire.welcome(OPEN_INTEREST, quotes.take(slice(0, 2)))] == [5, 5]


def test_a_volume_and_a_quantity_beyond_their_fields_wrap(wire: DhanWire, quotes: Quotes):
    row = quotes.take(slice(0, 1))
    row.volume[:], row.quantity[:] = 2**32 + 7, 70_000
    quote = fields(wire.packets(QUOTED, row)[0], QUOTE, QUOTE_OFFSETS)
    assert quote["day_volume"] == 7
    assert quote["last_quantity"] == 4464


def test_requests_speak_of_the_sessions_symbols(wire: DhanWire):
    both = (("NSE_EQ", "11536"), ("NSE_FNO", "11536"))
    assert wire.request(message(15, *both)) == Subscribe({TICKER: [TCS, FUTURE]})
    assert wire.request(message(17, *both)) == Subscribe({QUOTED: [TCS, FUTURE], OPEN_INTEREST: [FUTURE]})
    assert wire.request(message(21, *both)) == Subscribe({IN_FULL: [TCS, FUTURE]})
    assert wire.request(message(16, both[0])) == Unsubscribe({TICKER: [TCS]})
    assert wire.request(message(18, both[1])) == Unsubscribe({QUOTED: [FUTURE], OPEN_INTEREST: [FUTURE]})
    assert wire.request(message(22, both[0])) == Unsubscribe({IN_FULL: [TCS]})
    assert wire.request(b'{"RequestCode": 12}') == Goodbye()


def test_unknown_ids_are_ignored_silently(wire: DhanWire):
    assert wire.request(message(17, ("NSE_EQ", "5"), ("BSE_EQ", "11536"))) == Subscribe({QUOTED: [], OPEN_INTEREST: []})


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"",
            b"hello",
            b"[]",
            b"7",
            b"\xff\x00",
            b'{"RequestCode": 99, "InstrumentList": []}',
            b'{"RequestCode": 17}',
        ),
        *(message(17, ("NSE_EQ", "x")), message(17, ("NOWHERE", "5")), message(23), message(17, InstrumentList=7)),
    ],
)
def test_what_is_no_request_is_ignored(wire: DhanWire, text: bytes):
    assert wire.request(text) is None


def test_who_connects_stands_in_the_query(wire: DhanWire):
    query = "version=2&token=tok.en&clientId=100&authType=2"
    assert wire.account(f"/?{query}") == wire.account(f"/any/path?{query}") == Account("100", "tok.en")
    with pytest.raises(RefusedError, match="token, clientId"):
        wire.account("/?version=2&authType=2")


def test_the_opening_names_each_segment_that_is_played_once(wire: DhanWire):
    assert [(packet[0], packet[3]) for packet in wire.opening()] == [(7, 1), (7, 2)]


def test_messages_are_counted_by_their_kind(wire: DhanWire, quotes: Quotes):
    messages = [*wire.packets(QUOTED, quotes), wire.kick(805), b"", b"\x63", "text"]
    assert wire.count(messages) == {"quote": 100, "disconnect": 1, "": 3}


@pytest.mark.parametrize("stream", [QUOTED, IN_FULL])
def test_a_packet_can_be_made_to_lie_about_volume_and_time(wire: DhanWire, quotes: Quotes, stream: int):
    packet = wire.packets(stream, quotes)[-1]
    volume = int(np.frombuffer(packet, "<u4", 1, QUOTE_OFFSETS["day_volume"])[0])
    lowered = wire.volume_lowered(packet, 3)
    assert isinstance(lowered, bytes)
    assert lowered[22:26] == (volume - 3).to_bytes(4, "little")
    assert lowered[:22] + lowered[26:] == packet[:22] + packet[26:]
    assert wire.volume_lowered(packet, 2**31)[22:26] == bytes(4)
    assert wire.never_traded(packet)[14:18] == bytes(4)


def test_messages_without_such_a_field_stay_as_they_are(wire: DhanWire, quotes: Quotes):
    ticker = wire.packets(TICKER, quotes)[0]
    assert wire.volume_lowered(ticker, 3) == ticker
    assert wire.never_traded(ticker)[12:16] == bytes(4)
    for other in (wire.kick(805), "text", b""):
        assert wire.never_traded(other) == other


def test_a_symbol_that_the_broker_does_not_list_is_known_as_such(wire: DhanWire):
    assert list(wire.is_listed) == [True, True, False]
    assert ResponseCode(wire.packets(QUOTED, quotes_of(synthetic_session(SYMBOLS, 3, 1, START_MS)))[GONE][0]) == QUOTED
