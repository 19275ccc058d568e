"""What the store has goes through the symbols at a start."""

from datetime import date
from pathlib import Path

import pytest

from actors import line as line_module
from actors.jobs import History
from actors.line import Line
from actors.messages import AlertMessage, HealthMessage, Raised
from actors.pool import Job
from market.bar import MINUTE_MS, Bar
from market.clock import SystemClock
from settings.strategy_schema import SideSettings, StrategySettings
from store.store import Store
from tests.factories import DAY, NEXT_DAY, Told, at, bars_at, ema_vwap, instrument, said
from warmup.recall import recall
from warmup.wanted import Wanted


def line_of(
    store: Store, *symbols: str, strategy: StrategySettings | None = None, alerts: Told[AlertMessage] | None = None
) -> Line:
    health: Told[HealthMessage] = Told()
    instruments = {number: instrument(symbol) for number, symbol in enumerate(symbols)}
    told: Told[AlertMessage] = Told() if alerts is None else alerts
    return Line((strategy or ema_vwap(),), instruments, store.write_bars, told, health, None)


def test_a_long_history_goes_through_in_many_jobs_for_one_alone_would_look_like_a_hang(tmp_path: Path):
    store = Store(tmp_path, SystemClock())
    store.start()
    symbols = [f"NSE:S{number}" for number in range(150)]
    days = [bars_at([100.0 + number % 7 for number in range(375)], day=day) for day in (DAY, NEXT_DAY)]
    for each in days:
        rows: list[tuple[str, Bar]] = [(symbol, bar) for bar in each for symbol in symbols]
        store.write_bars(rows)
    assert store.flush(30)
    line = line_of(store, *symbols)
    assert {Wanted(line).minutes(actor) for actor in line.actors.values()} == {330}
    line.start()
    recall(line, store, at("15:40", NEXT_DAY))
    assert line.stop(60)
    store.stop()
    assert len(symbols) * 750 > 5 * line_module.AT_ONCE
    assert line.worker.heartbeat.beats >= len(symbols) * 750 // (line_module.AT_ONCE + len(symbols))
    assert {actor.runners[0].seen for actor in line.actors.values()} == {750}


def test_bars_that_came_symbol_by_symbol_go_through_minute_by_minute_as_they_were_traded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(line_module, "AT_ONCE", 5)
    symbols = ("NSE:B", "NSE:A", "NSE:C")
    store = Store(tmp_path, SystemClock())
    store.start()
    for symbol in symbols:
        bars = bars_at([100.0] * 10)
        store.write_history(symbol, bars, (bars[0].start_ms, bars[-1].end_ms))
    assert store.flush(30)
    line = line_of(store, *symbols)
    handed_over: list[list[tuple[str, int]]] = []
    put = line.router.put

    def look(job: Job) -> None:
        if isinstance(job, History):
            handed_over.append([(actor.instrument.symbol, bar.start_ms) for actor, bar, _ in job._rows])
        put(job)

    monkeypatch.setattr(line.router, "put", look)
    line.start()
    recall(line, store, at("15:40"))
    line.stop(60)
    store.stop()
    minutes = [at("09:15") + minute * MINUTE_MS for minute in range(10)]
    assert [row for rows in handed_over for row in rows] == [
        (symbol, minute) for minute in minutes for symbol in sorted(symbols)
    ]
    assert [len(rows) for rows in handed_over] == [6] * 5


def test_only_the_symbols_whose_rules_want_a_long_past_get_it(tmp_path: Path):
    store = Store(tmp_path, SystemClock())
    store.start()
    friday = date(2025, 11, 14)
    for day in (friday, DAY):
        for pair in zip(bars_at([50.0] * 375, day=day), bars_at([60.0] * 375, day=day), strict=True):
            store.write_bars(list(zip(("NSE:DEEP", "NSE:FLAT"), pair, strict=True)))
    assert store.flush(30)
    deep = SideSettings(entry=("close > sma(300)",))
    flat = SideSettings(entry=("close > sma(3)",))
    line = Line(
        (
            StrategySettings(name="deep", symbols=("NSE:DEEP",), long=deep, target="", stop=""),
            StrategySettings(name="flat", long=flat, target="", stop=""),
        ),
        {number: instrument(symbol) for number, symbol in enumerate(("NSE:DEEP", "NSE:FLAT"))},
        store.write_bars,
        Told(),
        Told(),
        None,
    )
    line.start()
    recall(line, store, at("08:00", NEXT_DAY))
    assert line.stop(60)
    store.stop()
    assert [actor.runners[-1].seen for actor in line.actors.values()] == [450, 375]


def test_without_stored_bars_there_is_nothing_to_tell(tmp_path: Path):
    store = Store(tmp_path, SystemClock())
    store.start()
    line = line_of(store, "NSE:A")
    line.start()
    stored = recall(line, store, at("10:00"))
    line.stop()
    assert (stored.closes, stored.partial, stored.live_minutes) == ({}, {}, set())
    assert line.actors[0].runners[0].quiet_until_ms == at("10:00")
    store.stop()


def test_of_one_minute_the_symbols_that_rules_of_others_read_go_first(tmp_path: Path):
    store = Store(tmp_path, SystemClock())
    store.start()
    of_index = [100.0, 101.0, 99.0, 99.0]
    for stock, index in zip(bars_at([50.0] * 4), bars_at(of_index), strict=True):
        store.write_bars([("NSE:A", stock), ("NSE:INDEX", index)])
    assert store.flush(30)
    long = SideSettings(entry=('close of "NSE:INDEX" > 100',))
    rule = StrategySettings(name="own", symbols=("NSE:A",), long=long, target="", stop="", exit="none")
    alerts: Told[AlertMessage] = Told()
    line = line_of(store, "NSE:A", "NSE:INDEX", strategy=rule, alerts=alerts)
    line.recall(store.bars_since(0), at("00:00"))
    line.start()
    assert line.stop(60)
    store.stop()
    assert said(told.transition for told in alerts if isinstance(told, Raised)) == [("ENTRY", "LONG", "09:17:00", 50.0)]
