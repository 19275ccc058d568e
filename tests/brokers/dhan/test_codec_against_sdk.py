"""Our decoder against dhanhq's own, on packets that neither wrote: random fields in the documented layouts."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from dhanhq.marketfeed import MarketFeed

from brokers.broker import Ending
from brokers.dhan import packets
from brokers.dhan.codec import DhanDecoder
from brokers.dhan.layouts import Mode
from brokers.dhan.packets import DepthLevel
from brokers.dhan.trade_time import IST_SHIFT_S
from market.tick import REMARKS, TickBatch

PACKETS = 3000
SEGMENTS = sorted(packets.SEGMENTS.values())


@pytest.fixture
def sdk() -> Any:
    feed = MarketFeed.__new__(MarketFeed)  # its constructor wants an account
    feed.on_close = None
    return feed


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20260806)


def u32(chance: random.Random) -> int:
    return chance.getrandbits(chance.choice((8, 16, 32)))


def price(chance: random.Random) -> float:
    return chance.randrange(1, 13_107_200) / 100


def head(chance: random.Random) -> dict[str, Any]:
    return {"segment": chance.choice(SEGMENTS), "security_id": u32(chance)}


def trade(chance: random.Random) -> dict[str, Any]:
    return {"price": price(chance), "trade_time": chance.randrange(1_700_000_000, 2_000_000_000)}


def day(chance: random.Random) -> dict[str, Any]:
    return {
        "day_volume": u32(chance), "last_quantity": u32(chance), "average_price": price(chance),
        "total_sell": u32(chance), "total_buy": u32(chance), "day_open": price(chance),
        "previous_close": price(chance), "day_high": price(chance), "day_low": price(chance),
    }  # fmt: skip


def book(chance: random.Random) -> dict[str, Any]:
    return {
        "open_interest": u32(chance), "open_interest_high": u32(chance), "open_interest_low": u32(chance),
        "depth": [
            DepthLevel(
                u32(chance), u32(chance), chance.getrandbits(16), chance.getrandbits(16), price(chance), price(chance)
            )
            for _ in range(5)
        ],
    }  # fmt: skip


def as_sdk_prints(ticks: TickBatch, row: int) -> dict[str, Any]:
    return {
        "exchange_segment": ticks.keys[row] >> 32,
        "security_id": ticks.keys[row] & 0xFFFFFFFF,
        "LTP": f"{ticks.prices[row]:.2f}",
        "LTT": f"{datetime.fromtimestamp(ticks.times_ms[row] / 1000 + IST_SHIFT_S, UTC):%H:%M:%S}",
    }


@pytest.mark.parametrize("burst", [1, 100])
@pytest.mark.parametrize("mode", ["ticker", "quote", "full"])
def test_prices_quantities_and_times_agree(sdk: Any, chance: random.Random, mode: Mode, burst: int) -> None:
    frames = []
    for _ in range(PACKETS):
        fields = {**head(chance), **trade(chance)}
        if mode == "ticker":
            frames.append(packets.encode_ticker(**fields))
        elif mode == "quote":
            frames.append(packets.encode_quote(**fields, **day(chance)))
        else:
            frames.append(packets.encode_full(**fields, **day(chance), **book(chance)))
    decoder, compared = DhanDecoder({}, mode), 0
    for start in range(0, PACKETS, burst):
        batch = frames[start : start + burst]
        ticks = decoder.decode(batch, 0).ticks
        rows = [row for row, key in enumerate(ticks.keys) if not key & REMARKS]
        for row, theirs in zip(rows, map(sdk.process_data, batch), strict=True):
            ours = as_sdk_prints(ticks, row)
            assert {name: theirs[name] for name in ours} == ours
            assert ticks.volumes[row] == theirs.get("volume", 0)
            compared += 1
    assert compared == decoder.counts[mode] == PACKETS


def test_the_encoders_say_what_the_sdk_reads(sdk: Any, chance: random.Random) -> None:
    names = {
        "LTQ": "last_quantity", "avg_price": "average_price", "volume": "day_volume",
        "total_sell_quantity": "total_sell", "total_buy_quantity": "total_buy", "open": "day_open",
        "close": "previous_close", "high": "day_high", "low": "day_low", "OI": "open_interest",
        "oi_day_high": "open_interest_high", "oi_day_low": "open_interest_low",
    }  # fmt: skip
    for _ in range(500):
        fields = {**head(chance), **trade(chance), **day(chance), **book(chance)}
        fields["last_quantity"] &= 0xFFFF
        theirs = sdk.process_data(packets.encode_full(**fields))
        for name, ours in names.items():
            value = fields[ours]
            assert theirs[name] == (f"{value:.2f}" if isinstance(value, float) else value), name
        for level, shown in zip(fields["depth"], theirs["depth"], strict=True):
            assert shown == {
                **level._asdict(), "bid_price": f"{level.bid_price:.2f}", "ask_price": f"{level.ask_price:.2f}"
            }  # fmt: skip


def test_the_small_packets_are_understood_by_the_sdk(sdk: Any, chance: random.Random) -> None:
    for _ in range(500):
        at, interest, close = head(chance), u32(chance), price(chance)
        shown = sdk.process_data(packets.encode_open_interest(**at, open_interest=interest))
        assert (shown["exchange_segment"], shown["security_id"], shown["OI"]) == (*at.values(), interest)
        shown = sdk.process_data(
            packets.encode_previous_close(**at, previous_close=close, previous_open_interest=interest)
        )
        assert (shown["security_id"], shown["prev_close"]) == (at["security_id"], f"{close:.2f}")
        assert shown["prev_OI"] == interest
        assert sdk.process_data(packets.encode_market_status(**at)) == "Markets Open"


@pytest.mark.parametrize("reason", [805, 806, 807])
def test_the_sdk_reads_our_goodbye_as_what_we_mean(sdk: Any, capsys: pytest.CaptureFixture[str], reason: int) -> None:
    words = {805: "connections", 806: "Data APIs", 807: "expired"}
    goodbye = packets.encode_disconnect(reason=reason)
    assert sdk.process_data(goodbye) is None
    assert words[reason] in capsys.readouterr().out
    (ending,) = DhanDecoder({}).decode([goodbye], 0).endings
    assert isinstance(ending, Ending)
    assert ending.code == reason
