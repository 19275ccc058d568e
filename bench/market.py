"""A seeded synthetic session: the same ticks for everything that is compared in one run."""

import random
from datetime import datetime
from itertools import pairwise

from market.clock import IST
from market.instrument import Instrument, Kind
from market.tick import TickBatch

OPEN_MS = int(datetime(2025, 11, 17, 9, 15, tzinfo=IST).timestamp() * 1000)
BATCH = 100
"""Ticks in one batch: what a read of the socket brings in a busy second."""


def instruments(count: int) -> dict[int, Instrument]:
    """`count` made-up stocks by the key their ticks carry."""
    return {key: Instrument(f"NSE:S{key:05}", "NSE", Kind.EQUITY) for key in range(count)}


def session(symbols: int, ticks: int, minutes: int, seed: int = 1) -> list[TickBatch]:
    """A random walk on the 5-paise grid: 0.1 % a minute, stamps in whole seconds, cumulative volume from 0."""
    rng = random.Random(seed)
    span_ms = minutes * 60_000
    sigma = 0.001 / (ticks / minutes / symbols) ** 0.5
    prices = [100 + rng.random() * 2000 for _ in range(symbols)]
    volumes = [0] * symbols
    batches = []
    snapshot = TickBatch(OPEN_MS, list(range(symbols)), [0] * symbols, prices[:], [0] * symbols)
    batches.append(snapshot)
    for start, stop in pairwise(range(0, ticks + BATCH, BATCH)):
        batch = TickBatch(OPEN_MS)
        for number in range(start, min(stop, ticks)):
            key = rng.randrange(symbols)
            prices[key] = round(round(prices[key] * (1 + rng.gauss(0, sigma)) / 0.05) * 0.05, 2)
            volumes[key] += rng.randrange(1, 100)
            batch.keys.append(key)
            batch.times_ms.append(OPEN_MS + number * span_ms // ticks // 1000 * 1000)
            batch.prices.append(prices[key])
            batch.volumes.append(volumes[key])
        batches.append(batch)
    return batches
