"""A restart in the middle of the day: what the store gives back brings every series to where it would have been."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from actors.jobs import Bars
from actors.line import Line
from actors.symbol_actor import SymbolActor
from market.bar import MINUTE_MS, Bar
from market.clock import SystemClock
from settings.strategy_schema import SideSettings, StrategySettings
from store.store import Store
from tests.engine.test_takeover import OTHER, OURS, history, minutes, rules
from tests.factories import Told, instrument
from warmup.recall import recall

GRACE_MS = 1500
Numbers: TypeAlias = dict[tuple[str, int, str], object]
ByStart: TypeAlias = dict[str, dict[int, Bar]]


class Look:
    """Notes what every series is, in order with the bars."""

    def __init__(self, line: Line, found: list[Numbers]) -> None:
        self._actors, self._found = list(line.actors.values()), found

    def run(self) -> None:
        self._found.append({key: each for actor in self._actors for key, each in _numbers(actor).items()})


def _numbers(actor: SymbolActor) -> Numbers:
    symbol, found = actor.instrument.symbol, Numbers()
    for chart in actor.study.charts:
        for key, series in chart.items():
            names = ("value", *getattr(series, "outputs", ()))
            found[symbol, chart.minutes, key] = [repr(float(getattr(series, name))) for name in names]
    for runner in actor.runners:
        found[symbol, runner.plan.minutes, runner.plan.name] = (runner.asked, runner.side)
    return found


def strategies() -> Sequence[StrategySettings]:
    """Each rule of the language, and each indicator, on both symbols, on minutes and on bars of three."""
    every = rules()
    return [
        StrategySettings(
            name=f"part{part}",
            timeframe=timeframe,
            long=SideSettings(entry=every[part * 35 : part * 35 + 35]),
            stop="at lowest(4)",
            target="2 * atr(5)",
        )
        for part, timeframe in ((0, "1m"), (1, "3m"))
    ]


def followed(store: Store, bars: ByStart, starts: Sequence[int], now_ms: int | None = None) -> list[Numbers]:
    """The numbers at the end of each of these minutes, after a start at `now_ms`; without one, nothing is recalled."""
    found: list[Numbers] = []
    line = Line(
        strategies(),
        {number: instrument(symbol) for number, symbol in enumerate((OURS, OTHER))},
        store.write_bars,
        Told(),
        Told(),
        None,
    )
    line.start()
    if now_ms is not None:
        recall(line, store, now_ms)
        line.router.minute_ended(now_ms - MINUTE_MS, now_ms + GRACE_MS)
    for start in starts:
        there = [(actor, bars[actor.instrument.symbol].get(start)) for actor in line.actors.values()]
        rows = [
            (actor, start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.partial)
            for actor, bar in there
            if bar is not None
        ]
        line.router.put(Bars(rows))
        line.router.minute_ended(start, start + MINUTE_MS + GRACE_MS)
        line.router.put(Look(line, found))
    assert line.stop(60)
    assert store.flush(30)
    return found


@pytest.mark.parametrize(("cut", "seed"), [(20, 1), (50, 2), (57, 3), (70, 4), (83, 5)])
def test_after_a_restart_every_number_is_that_of_a_program_that_was_always_there(tmp_path: Path, cut: int, seed: int):
    bars = {symbol: {bar.start_ms: bar for bar in of_symbol} for symbol, of_symbol in history(seed).items()}
    starts = minutes()
    always, broken = Store(tmp_path / "always", SystemClock()), Store(tmp_path / "broken", SystemClock())
    for store in (always, broken):
        store.start()
    whole = followed(always, bars, starts)
    followed(broken, bars, starts[:cut])
    again = followed(broken, bars, starts[cut:], starts[cut - 1] + MINUTE_MS)
    for store in (always, broken):
        store.stop()
    assert len(again) == len(starts) - cut
    for expected, found in zip(whole[cut:], again, strict=True):
        assert {key: (value, expected[key]) for key, value in found.items() if value != expected[key]} == {}
