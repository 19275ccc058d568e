"""What a packet costs to decode, beside the broker's own SDK in the same run."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from dhanhq.marketfeed import MarketFeed

from bench.result import Result
from brokers.dhan import packets
from brokers.dhan.codec import DhanDecoder
from brokers.dhan.layouts import Mode

ROUNDS: Final = 5
PACKETS: Final = 10_000
"""Decoded in each round by each."""
STOCKS: Final = 2000
NOW_MS: Final = 1_786_002_660_000
CASES: Final[tuple[tuple[Mode, int, float | None], ...]] = (
    ("quote", 1, 25.0),
    ("quote", 10, None),
    ("quote", 100, 60.0),
    ("quote", 1000, None),
    ("full", 1, None),
    ("full", 100, None),
)
"""What, how many packets to a call, and how many times the SDK's pace is aimed at."""


def measure() -> list[Result]:
    """Medians of several rounds, ratios taken within each round.

    A burst is what one call gets. All of `decode` counts: snapped prices, checked times, a finished batch of ticks.
    """
    sdk = MarketFeed.__new__(MarketFeed)  # its constructor wants an account
    results = []
    for mode, burst, target in CASES:
        frames = _frames(mode)
        bursts = [frames[start : start + burst] for start in range(0, PACKETS, burst)]
        decoder = DhanDecoder({1 << 32 | security_id: 0.05 for security_id in range(STOCKS)}, mode)
        ours, ratios = [], []
        for _ in range(ROUNDS):
            theirs_us = _us_each(partial(_all_by_sdk, sdk, frames))
            ours_us = _us_each(partial(_all_by_us, decoder, bursts))
            ours.append(ours_us)
            ratios.append(theirs_us / ours_us)
        what = f"decode Dhan {mode}, {'single' if burst == 1 else f'burst of {burst}'}"
        results.append(Result(what, statistics.median(ours), "µs"))
        results.append(Result(f"{what}, against the SDK", statistics.median(ratios), "x", at_least=target))
    return results


def _frames(mode: Mode) -> list[bytes]:
    chance = random.Random(1)
    frames = []
    for number in range(PACKETS):
        price = chance.randrange(2000, 100_000) / 20
        common = {"segment": 1, "security_id": chance.randrange(STOCKS), "day_volume": chance.randrange(10**7)}
        at = packets.raw_trade_time(NOW_MS - number % 5000)
        encode = packets.encode_full if mode == "full" else packets.encode_quote
        frames.append(encode(**common, price=price, trade_time=at, day_high=5001, day_low=99))
    return frames


def _all_by_sdk(sdk: MarketFeed, frames: Sequence[bytes]) -> None:
    for frame in frames:
        sdk.process_data(frame)


def _all_by_us(decoder: DhanDecoder, bursts: Sequence[Sequence[bytes]]) -> None:
    for burst in bursts:
        decoder.decode(burst, NOW_MS)


def _us_each(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / PACKETS * 1e6
