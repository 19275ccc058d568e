"""A day of 500 symbols' 1-minute bars through `run.py replay`, from the file to the signals (median of 3)."""

import io
import random
from contextlib import redirect_stdout
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from bench.disk import place
from bench.exchange import TICK
from bench.market import OPEN_MS
from bench.result import Result
from commands.replay import replay
from market.bar import MINUTE_MS
from market.clock import iso

SYMBOLS: Final = 500
BARS: Final = 375
RUNS: Final = 3


def measure() -> list[Result]:
    """Reading, bars, indicators, rule, state machines, the store, and the file of signals."""
    with place() as directory:
        session, signals = _write_session(directory / "session.csv"), directory / "signals.jsonl"
        config = directory / "config.toml"
        config.write_text('[[strategy]]\nname = "ema_vwap"\n')
        rates = []
        for _ in range(RUNS):
            began = perf_counter()
            with redirect_stdout(io.StringIO()):
                code = replay(
                    [session],
                    config=config,
                    sort=False,
                    stamp="start",
                    columns="",
                    signals=signals,
                    bars_out=None,
                    strict=True,
                )
            rates.append(SYMBOLS * BARS / (perf_counter() - began))
            assert code == 0
        assert signals.stat().st_size
    return [Result("replay of 1-minute bars, from file to signals", median(rates), "/s", at_least=300_000)]


def _write_session(path: Path) -> Path:
    """Walks on the grid, in order of time."""
    rng = random.Random(1)
    steps = [rng.randrange(2_000, 80_000) for _ in range(SYMBOLS)]
    with path.open("w") as file:
        file.write("symbol,timestamp,open,high,low,close,volume\n")
        for number in range(BARS):
            stamp = iso(OPEN_MS + number * MINUTE_MS)
            for key, opens in enumerate(steps):
                closes = steps[key] = opens + rng.randrange(-5, 6)
                high, low = max(opens, closes) + rng.randrange(3), min(opens, closes) - rng.randrange(3)
                prices = ",".join(f"{step * TICK:.2f}" for step in (opens, high, low, closes))
                file.write(f"S{key:05},{stamp},{prices},{rng.randrange(1, 5_000)}\n")
    return path
