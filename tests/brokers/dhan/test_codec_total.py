"""Whatever the bytes: no exception, nothing uncounted, and one array gives the same as one packet after the other."""

import random
import struct
from collections.abc import Sequence
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brokers.broker import Decoded
from brokers.dhan import packets
from brokers.dhan.codec import BURST, DhanDecoder
from brokers.dhan.layouts import TICK_LAYOUTS, Mode
from market.tick import DAY_AVERAGE, DAY_EXTREME, REMARKS, TickBatch

Columns: TypeAlias = tuple[list[int], list[int], list[float], list[int]]

MODES = tuple(TICK_LAYOUTS)
NOW_MS = 1_786_002_660_000
TICK_SIZES = {1 << 32 | 1: 0.05, 1 << 32 | 2: 5.0, 3 << 32 | 3: 0.0025}


def high_and_low(high: float, low: float) -> int:
    return int.from_bytes(struct.pack("<ff", high, low), "little")


u8, u16, u32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
ids = st.integers(0, 4) | u32
float32 = st.floats(width=32) | st.floats(1.0, 200_000.0, width=32)
extremes = st.builds(high_and_low, st.sampled_from((100.0, 103.0, 150_000.0)), float32)
raw_times = st.integers(1_786_000_000, 1_786_000_100) | st.integers(0, 20_000) | u32


@st.composite
def tick_packets(draw: st.DrawFn, kind: Mode) -> bytes:
    layout = TICK_LAYOUTS[kind]
    length = draw(st.just(layout.size) | st.just(layout.size) | u16)
    head = packets.HEADER.pack(layout.code, length, draw(st.sampled_from((1, 1, 0, 3)) | u8), draw(ids))
    values: list[Any] = [draw(float32), draw(raw_times)]
    if kind != "ticker":
        values += [draw(float32), draw(u32), draw(extremes)]
    body = layout.fields.pack(*values)
    return head + body + bytes(layout.size - 8 - len(body))


any_tick = st.one_of(*map(tick_packets, MODES))
any_packet = (
    any_tick
    | st.builds(packets.encode_disconnect, reason=u16)
    | st.builds(packets.encode_open_interest, segment=u8, security_id=ids, open_interest=u32)
    | st.builds(packets.encode_previous_close, segment=u8, security_id=ids, previous_close=st.just(1.5))
    | st.builds(packets.encode_market_status, segment=u8)
    | st.builds(packets.HEADER.pack, u8, st.integers(0, 40), u8, u32)
)
frames_of_anything = st.lists(
    st.binary(max_size=200) | st.lists(any_packet, max_size=4).map(b"".join), max_size=2 * BURST
)


def columns(ticks: TickBatch) -> Columns:
    return ticks.keys, ticks.times_ms, ticks.prices, ticks.volumes


def without_remarks(ticks: TickBatch) -> int:
    return sum(not key & REMARKS for key in ticks.keys)


def one_by_one(frames: Sequence[bytes], mode: Mode, *, averages: bool = False) -> tuple[Columns, dict[str, int]]:
    decoder = DhanDecoder(TICK_SIZES, mode, averages=averages)
    every = TickBatch(NOW_MS)
    for frame in frames:
        ticks = decoder.decode([frame], NOW_MS).ticks
        every.keys += ticks.keys
        every.times_ms += ticks.times_ms
        every.prices += ticks.prices
        every.volumes += ticks.volumes
    return columns(every), decoder.counts


def account(decoder: DhanDecoder, decoded: Decoded, frames: Sequence[bytes]) -> None:
    counts, ticks = decoder.counts, decoded.ticks
    assert len(ticks.keys) == len(ticks.times_ms) == len(ticks.prices) == len(ticks.volumes)
    assert without_remarks(ticks) == counts["ticker"] + counts["quote"] + counts["full"]
    assert len(decoded.endings) == counts["disconnect"]
    assert sum(counts.values()) >= len(frames)
    assert all(0.0 < price < 1e39 for price in ticks.prices)
    assert all(at_ms >= 0 for at_ms in ticks.times_ms)


@given(frames=frames_of_anything, mode=st.sampled_from(MODES), averages=st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_ticks_and_counted_rejects(frames: list[bytes], mode: Mode, *, averages: bool) -> None:
    decoder = DhanDecoder(TICK_SIZES, mode, averages=averages)
    decoded = decoder.decode(frames, NOW_MS)
    account(decoder, decoded, frames)
    assert (columns(decoded.ticks), decoder.counts) == one_by_one(frames, mode, averages=averages)


@given(data=st.data(), mode=st.sampled_from(MODES), averages=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_burst_of_one_kind_gives_the_same_as_its_packets_one_by_one(
    data: st.DataObject, mode: Mode, *, averages: bool
) -> None:
    some = data.draw(st.lists(tick_packets(mode), min_size=1, max_size=8))
    frames = some * (BURST // len(some) + 1)
    decoder = DhanDecoder(TICK_SIZES, mode, averages=averages)
    ticks = decoder.decode(frames, NOW_MS).ticks
    assert (columns(ticks), decoder.counts) == one_by_one(frames, mode, averages=averages)


@pytest.mark.parametrize("averages", [False, True])
@pytest.mark.parametrize("mode", ["quote", "full"])
def test_a_burst_remarks_the_same_as_its_packets_one_by_one(mode: Mode, *, averages: bool) -> None:
    chance, encode = random.Random(3), packets.encode_quote if mode == "quote" else packets.encode_full
    frames, high, low = [], 105.0, 95.0
    for number in range(3000):
        high, low = high + (chance.random() < 0.2), low - (chance.random() < 0.02)
        frames.append(
            encode(
                segment=1, security_id=chance.randrange(4), price=100.0, trade_time=1_786_000_000 + number,
                day_volume=number, average_price=chance.uniform(95, 105), day_high=high, day_low=low,
            )
        )  # fmt: skip
    decoder = DhanDecoder(TICK_SIZES, mode, averages=averages)
    ticks = decoder.decode(frames, NOW_MS).ticks
    assert (columns(ticks), decoder.counts) == one_by_one(frames, mode, averages=averages)
    assert without_remarks(ticks) == len(frames)
    assert sum(bool(key & DAY_EXTREME) for key in ticks.keys) > 500
    assert sum(bool(key & DAY_AVERAGE) for key in ticks.keys) == (len(frames) if averages else 0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("segments", [(1,), (1, 4, 0, 8, 255)])
def test_a_burst_of_ordinary_packets_gives_the_same_as_its_packets_one_by_one(
    mode: Mode, segments: tuple[int, ...]
) -> None:
    chance, layout, frames = random.Random(7), TICK_LAYOUTS[mode], []
    for number in range(5000):
        head = packets.HEADER.pack(layout.code, layout.size, segments[number % len(segments)], chance.getrandbits(32))
        values, volume = [chance.uniform(0.01, 131_071), chance.randrange(2**24, 2**32)], chance.getrandbits(32)
        body = layout.fields.pack(*(values if mode == "ticker" else [*values, chance.uniform(1, 9), volume, 0]))
        frames.append(head + body + bytes(layout.size - 8 - len(body)))
    decoder = DhanDecoder({}, mode)
    ticks = decoder.decode(frames, NOW_MS).ticks
    alone, seen = DhanDecoder({}, mode), 0
    for row, frame in enumerate(frames):
        assert [[column[row]] for column in columns(ticks)] == list(columns(alone.decode([frame], NOW_MS).ticks))
        seen += 1
    assert seen == len(ticks) == len(frames)
    assert decoder.counts == alone.counts


def golden() -> list[bytes]:
    return [
        packets.encode_ticker(segment=0, security_id=13, price=23_378.35, trade_time=1_781_084_997),
        packets.encode_quote(segment=1, security_id=1, price=1320.8, trade_time=1_786_022_457, day_volume=1000),
        packets.encode_full(segment=1, security_id=2, price=135_000.0, trade_time=1_786_022_457, day_volume=9),
        packets.encode_open_interest(segment=2, security_id=9, open_interest=5),
        packets.encode_previous_close(segment=1, security_id=1, previous_close=1299.75),
        packets.encode_market_status(segment=1),
        packets.encode_disconnect(reason=807),
    ]


def mutated(chance: random.Random, frames: list[bytes]) -> bytes:
    frame = bytearray(b"".join(chance.choices(frames, k=chance.choice((1, 1, 1, 2, 5)))))
    for _ in range(chance.randrange(4)):
        how, at = chance.randrange(4), chance.randrange(len(frame))
        if how == 0:
            frame[at] = chance.getrandbits(8)
        elif how == 1:
            frame[at] ^= 1 << chance.randrange(8)
        elif how == 2:
            del frame[at : at + chance.randrange(1, 20)]
        else:
            frame[at:at] = chance.randbytes(chance.randrange(1, 20))
        frame = frame or bytearray(1)
    return bytes(frame)


@pytest.mark.parametrize("mode", MODES)
def test_damaged_frames_are_survived_and_accounted_for(mode: Mode) -> None:
    chance, decoder, frames = random.Random(13), DhanDecoder(TICK_SIZES, mode), golden()
    ticks = endings = sent = 0
    while sent < 15_000:
        batch = [mutated(chance, frames) for _ in range(chance.choice((1, 10, BURST)))]
        decoded = decoder.decode(batch, NOW_MS)
        ticks, endings, sent = ticks + without_remarks(decoded.ticks), endings + len(decoded.endings), sent + len(batch)
    counts = decoder.counts
    assert ticks == counts["ticker"] + counts["quote"] + counts["full"] > 0
    assert endings == counts["disconnect"] > 0
    assert sum(counts.values()) >= sent
    assert all(counts[name] for name in ("rejected_code", "rejected_length", "rejected_price"))
