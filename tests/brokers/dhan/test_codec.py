import csv
import json
from datetime import datetime
from pathlib import Path

import pytest

from brokers.broker import Remedy
from brokers.dhan import packets
from brokers.dhan.codec import BURST, DhanDecoder
from brokers.dhan.layouts import Mode
from market.clock import IST
from market.tick import VolumeKind

RECORDED = Path(__file__).parents[2] / "data" / "dhan"
NOW_MS = 1_786_002_660_000
TRADE_MS = 1_786_002_657_000
RAW = packets.raw_trade_time(TRADE_MS)
NSE_EQ, BSE_EQ, IDX_I = 1, 4, 0


def recorded(name: str) -> bytes:
    return (RECORDED / f"{name}.bin").read_bytes()


def quote(
    security_id: int = 2885,
    price: float = 1320.8,
    trade_time: int = RAW,
    day_volume: int = 1000,
    segment: int = NSE_EQ,
    last_quantity: int = 0,
) -> bytes:
    return packets.encode_quote(
        segment=segment,
        security_id=security_id,
        price=price,
        trade_time=trade_time,
        day_volume=day_volume,
        last_quantity=last_quantity,
    )


def full(security_id: int = 2885, price: float = 1320.8, day_volume: int = 1000) -> bytes:
    return packets.encode_full(
        segment=NSE_EQ, security_id=security_id, price=price, trade_time=RAW, day_volume=day_volume
    )


def ticker(security_id: int = 2885, price: float = 1320.8, trade_time: int = RAW, segment: int = NSE_EQ) -> bytes:
    return packets.encode_ticker(segment=segment, security_id=security_id, price=price, trade_time=trade_time)


def rows(decoder: DhanDecoder, *frames: bytes) -> list[tuple[int, int, float, int]]:
    ticks = decoder.decode(frames, NOW_MS).ticks
    return list(zip(ticks.keys, ticks.times_ms, ticks.prices, ticks.volumes, strict=True))


def counted(decoder: DhanDecoder) -> dict[str, int]:
    return {name: count for name, count in decoder.counts.items() if count}


def clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, IST):%H:%M:%S}"


def with_length(packet: bytes, length: int) -> bytes:
    return packet[:1] + length.to_bytes(2, "little") + packet[3:]


def test_the_captured_ticker_decodes_to_what_was_on_the_screen() -> None:
    expected = json.loads((RECORDED / "captured_ticker.expected.json").read_text())["packets"][0]
    assert rows(DhanDecoder({}, "ticker"), recorded("captured_ticker")) == [
        (NSE_EQ << 32 | expected["security_id"], expected["ltt_utc_epoch"] * 1000, expected["ltp"], 0)
    ]


@pytest.mark.parametrize("mode", ["ticker", "quote", "full"])
def test_rebuilt_packets_decode_to_the_values_the_sdk_printed(mode: Mode) -> None:
    for packet in json.loads((RECORDED / "rebuilt_from_sdk_print.expected.json").read_text())["packets"]:
        expected, decoder = packet["decodes"], DhanDecoder({}, mode)
        got = rows(decoder, (RECORDED / packet["file"]).read_bytes())
        if expected["code"] == 5:
            assert (got, counted(decoder)) == ([], {"open_interest": 1})
        elif expected["code"] == 2 and mode != "ticker":
            assert (got, counted(decoder)) == ([], {"rejected_volumeless": 1})
        else:
            ((key, at_ms, price, volume),) = got
            assert key == expected["segment"] << 32 | expected["security_id"]
            assert (f"{price:.2f}", clock(at_ms)) == (expected["ltp"], expected["ltt_clock"])
            assert volume == (0 if mode == "ticker" else expected["volume"])


def test_recorded_trade_times_are_within_a_second_of_their_receipt() -> None:
    with (RECORDED / "nifty_ltt_vs_receive_2026-06-10.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            received = datetime.fromisoformat(f"2026-06-10T{row['received_ist']}+05:30").timestamp() * 1000
            frame = ticker(13, float(row["ltp"]), int(row["ltt_raw"]), IDX_I)
            ((_, at_ms, price, _),) = rows(DhanDecoder({13: 0.05}), frame)
            assert -200 < received - at_ms < 1200
            assert price == float(row["ltp"])


def test_ticks_come_as_columns_with_the_time_of_receipt() -> None:
    ticks = DhanDecoder({}).decode([quote(1, 10.05, day_volume=7), quote(2, 20.1, day_volume=8)], NOW_MS).ticks
    assert ticks.received_ms == NOW_MS
    assert ticks.keys == [NSE_EQ << 32 | 1, NSE_EQ << 32 | 2]
    assert (ticks.times_ms, ticks.prices, ticks.volumes) == ([TRADE_MS] * 2, [10.05, 20.1], [7, 8])
    assert ticks.volume_kind is VolumeKind.DAY


def test_nothing_received_gives_nothing() -> None:
    decoder = DhanDecoder({})
    assert rows(decoder) == []
    assert counted(decoder) == {}


def test_the_same_id_on_another_exchange_is_another_instrument() -> None:
    got = rows(DhanDecoder({}), quote(500, segment=NSE_EQ), quote(500, segment=BSE_EQ))
    assert [key for key, *_ in got] == [NSE_EQ << 32 | 500, BSE_EQ << 32 | 500]


def test_an_instrument_that_has_not_traded_has_trade_time_zero() -> None:
    assert [at_ms for _, at_ms, *_ in rows(DhanDecoder({}), quote(trade_time=0), quote(trade_time=19_800))] == [0, 0]


def test_a_last_quantity_that_wrapped_does_not_matter() -> None:
    assert rows(DhanDecoder({}), quote(last_quantity=70_000)) == rows(DhanDecoder({}), quote(last_quantity=1))


def test_stacked_packets_of_all_kinds_keep_their_order() -> None:
    decoder = DhanDecoder({})
    stack = (
        packets.encode_previous_close(segment=NSE_EQ, security_id=1, previous_close=9.0)
        + quote(1, 10.0)
        + packets.encode_open_interest(segment=2, security_id=9, open_interest=5)
        + full(2, 20.0)
        + packets.encode_market_status(segment=NSE_EQ)
        + ticker(13, 23_378.35, segment=IDX_I)
        + packets.encode_disconnect(reason=805)
        + quote(3, 30.0)
    )
    decoded = decoder.decode([stack], NOW_MS)
    assert decoded.ticks.prices == [10.0, 20.0, 23_378.35, 30.0]
    assert [(ending.code, ending.remedy) for ending in decoded.endings] == [(805, Remedy.COOL_DOWN)]
    assert counted(decoder) == {
        "ticker": 1, "quote": 2, "full": 1, "open_interest": 1, "previous_close": 1, "market_status": 1, "disconnect": 1
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, BURST - 1, BURST, 300])
def test_order_of_arrival_is_kept_when_kinds_mix(count: int) -> None:
    frames = [full(number, 100.0) if number % 3 == 0 else quote(number, 100.0) for number in range(count)]
    frames.insert(count // 2, packets.encode_market_status(segment=NSE_EQ))
    assert [key & 0xFFFF for key, *_ in rows(DhanDecoder({}), *frames)] == list(range(count))


@pytest.mark.parametrize("length", [0, 42, 49, 50])
def test_a_length_no_longer_than_the_layout_is_not_needed(length: int) -> None:
    decoder = DhanDecoder({})
    assert len(rows(decoder, with_length(quote(), length) + quote())) == 2


def test_a_longer_packet_of_a_known_code_is_a_newer_layout() -> None:
    decoder = DhanDecoder({})
    longer = with_length(quote(1, 10.0), 58) + b"newthing"
    assert [price for *_, price, _ in rows(decoder, longer + quote(2, 20.0), longer)] == [10.0, 20.0, 10.0]
    assert counted(decoder) == {"quote": 3}


def test_an_undescribed_index_packet_is_stepped_over_by_its_length() -> None:
    decoder = DhanDecoder({})
    index = packets.HEADER.pack(1, 20, IDX_I, 13) + bytes(12)
    assert len(rows(decoder, index + quote())) == 1
    assert counted(decoder) == {"index": 1, "quote": 1}


def test_an_unknown_code_is_stepped_over_by_its_length_and_counted() -> None:
    decoder = DhanDecoder({})
    assert len(rows(decoder, packets.HEADER.pack(41, 30, 1, 1) + bytes(22) + quote())) == 1
    assert counted(decoder) == {"rejected_code": 1, "quote": 1}


@pytest.mark.parametrize("code", [1, 3, 41, 255])
def test_a_code_that_cannot_be_stepped_over_costs_the_rest_of_its_frame_only(code: int) -> None:
    decoder = DhanDecoder({})
    assert len(rows(decoder, packets.HEADER.pack(code, 0, 1, 1) + quote(), quote())) == 1
    assert counted(decoder) == {"rejected_length": 1, "quote": 1}


@pytest.mark.parametrize("beat", [b"\0", bytes(8), packets.HEADER.pack(0, 8, 0, 0), packets.HEADER.pack(0, 6, 0, 0)])
def test_a_heartbeat_is_ignored(beat: bytes) -> None:
    decoder = DhanDecoder({})
    assert rows(decoder, beat) == []
    assert counted(decoder) == {"heartbeat": 1}


def test_an_empty_frame_is_counted() -> None:
    decoder = DhanDecoder({})
    assert rows(decoder, b"") == []
    assert counted(decoder) == {"rejected_length": 1}


@pytest.mark.parametrize(
    "packet",
    [
        ticker(segment=IDX_I),
        quote(),
        full(),
        packets.encode_open_interest(segment=2, security_id=9, open_interest=5),
        packets.encode_previous_close(segment=1, security_id=1, previous_close=9.0),
        packets.encode_market_status(segment=1),
        packets.encode_disconnect(reason=807),
    ],
    ids=len,
)
def test_a_packet_cut_anywhere_is_one_reject_and_spares_what_came_before(packet: bytes) -> None:
    for cut in range(1, len(packet)):
        decoder = DhanDecoder({})
        decoded = decoder.decode([quote(7) + packet[:cut]], NOW_MS)
        assert (len(decoded.ticks), decoded.endings) == (1, [])
        assert counted(decoder) == {"quote": 1, "rejected_length": 1}


@pytest.mark.parametrize("price", [float("nan"), float("inf"), float("-inf"), 0.0, -12.5, 0.001])
@pytest.mark.parametrize("count", [1, 60])
def test_what_is_no_price_is_rejected_and_counted(price: float, count: int) -> None:
    decoder = DhanDecoder({NSE_EQ << 32 | 9: 0.05})
    frames = [quote(1)] * count
    got = rows(decoder, *frames, quote(9, price), full(9, price))
    assert len(got) == count
    assert counted(decoder) == {"quote": count, "rejected_price": 2}


@pytest.mark.parametrize("count", [1, 60])
def test_a_price_above_131072_is_snapped_to_its_tick_also_in_a_burst(count: int) -> None:
    decoder = DhanDecoder({NSE_EQ << 32 | 2277: 0.05})
    assert {price for *_, price, _ in rows(decoder, *[quote(2277, 135_000.15)] * count)} == {135_000.15}


@pytest.mark.parametrize("count", [1, 60])
def test_a_currency_keeps_its_quarter_paise(count: int) -> None:
    decoder = DhanDecoder({3 << 32 | 1: 0.0025})
    assert {price for *_, price, _ in rows(decoder, *[quote(1, 83.4275, segment=3)] * count)} == {83.4275}


@pytest.mark.parametrize("count", [1, 60])
def test_in_ticker_mode_there_is_no_volume_whatever_comes(count: int) -> None:
    decoder = DhanDecoder({}, "ticker")
    got = rows(decoder, *[ticker()] * count, quote(day_volume=500), full(day_volume=600), ticker())
    assert [volume for *_, volume in got] == [0] * (count + 3)
    assert [volume for *_, volume in rows(decoder, *[ticker()] * count)] == [0] * count


@pytest.mark.parametrize("mode", ["quote", "full"])
def test_a_ticker_of_a_stock_cannot_make_its_day_volume_jump(mode: Mode) -> None:
    decoder = DhanDecoder({}, mode)
    got = rows(decoder, ticker(), quote(day_volume=500), ticker(), full(day_volume=600), ticker())
    assert [volume for *_, volume in got] == [500, 600]
    assert counted(decoder) == {"quote": 1, "full": 1, "rejected_volumeless": 3}


def test_a_goodbye_says_why_and_what_to_do() -> None:
    (ending,) = DhanDecoder({}).decode([packets.encode_disconnect(reason=807)], NOW_MS).endings
    assert (ending.code, ending.remedy) == (807, Remedy.NEW_TOKEN)
    assert ending.detail == "807 access token expired"


def test_every_count_is_there_from_the_start() -> None:
    decoder = DhanDecoder({})
    names = set(decoder.counts)
    rows(decoder, quote(), b"\x63" * 99, b"", ticker(), packets.encode_disconnect(reason=1))
    assert set(decoder.counts) == names
