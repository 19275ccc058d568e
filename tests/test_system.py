"""The whole program in one process, against a real local exchange over a real websocket."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.views import SymbolView
from brokers.dhan import DhanBroker
from brokers.dhan.instruments import read_master
from commands.source import Source
from control.client import ask
from control.json_values import from_json
from errors import BusyError
from market.bar import Bar
from market.clock import SystemClock, iso
from settings.schema import Channel, Control, Settings, Simulator, Store
from settings.strategy_schema import StrategySettings
from simulator.dhan import DhanWire
from simulator.server import LocalExchange
from simulator.session_file import load_session
from store.store import Store as StateStore
from system import System
from tests.factories import ema_vwap

LONG_S = 60.0
SESSION = Simulator().session


def settings_in(directory: Path, market_clock: str = "data") -> Settings:
    return Settings(
        simulator=Simulator(speed=0.0, market_clock="wall" if market_clock == "wall" else "data"),
        channel=(Channel(name="signals", kind="jsonl", path=directory / "signals.jsonl"),),
        store=Store(directory=directory),
        control=Control(port=0),
    )


@pytest.fixture
def exchange() -> Iterator[LocalExchange]:
    session = load_session(SESSION)
    with LocalExchange(session, DhanWire(session.symbols, read_master(Simulator().instruments))) as running:
        yield running


def system_for(settings: Settings, url: str) -> System:
    clock = SystemClock()
    source = Source(settings, DhanBroker.simulated(settings, url), clock)
    return System(settings, source.instruments, clock, source.readers, data_clock=source.data_clock)


def traded_bars() -> dict[tuple[str, str], tuple[float, float, float, float, int]]:
    with gzip.open(SESSION, "rt") as file:
        return {
            (f"NSE:{row['Code']}", row["Date"].replace(" ", "T") + "+05:30"): (
                float(row["Open"]),
                float(row["High"]),
                float(row["Low"]),
                float(row["Close"]),
                int(row["Volume"]),
            )
            for row in csv.DictReader(file)
            if int(row["Volume"])
        }


def as_recorded(bar: Bar) -> tuple[float, float, float, float, int]:
    return bar.open, bar.high, bar.low, bar.close, bar.volume


def test_every_recorded_bar_comes_back_through_the_whole_program(exchange: LocalExchange, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    system = system_for(settings, exchange.url)
    system.start()
    assert system.over.wait(LONG_S)
    system.stop()

    stored = StateStore(settings.state_directory, SystemClock())
    built = {(symbol, iso(bar.start_ms)): as_recorded(bar) for symbol, bar in stored.bars_since(0)}
    expected = traded_bars()
    assert len(expected) == 61_752
    assert built == expected
    assert not any(bar.partial for _, bar in stored.bars_since(0))

    seen = system.answers.seen()
    assert seen.ticks == exchange.packets_sent
    records = [json.loads(line) for line in (tmp_path / "signals.jsonl").read_text("utf-8").splitlines()]
    assert len({record["id"] for record in records}) == len(records) == seen.channels[0].sent
    assert all(condition["ok"] for record in records for condition in record["conditions"])
    entries = sum(number for kind, number in seen.signals.items() if kind.startswith("ENTRY"))
    exits = sum(number for kind, number in seen.signals.items() if kind.startswith("EXIT"))
    assert entries == exits > 0  # no signal outlives its session


def test_the_running_program_tells_what_lacks_for_a_signal(exchange: LocalExchange, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    system = system_for(settings, exchange.url)
    system.start()
    assert system.over.wait(LONG_S)
    why = json.loads(ask(settings.state_directory, "/why?symbol=reliance").text)
    near = json.loads(ask(settings.state_directory, "/near?strategy=ema_vwap&top=7").text)
    system.stop()

    assert (why["symbol"], len(why["sides"]), why["unasked"]) == ("NSE:RELIANCE", 2, [])
    for side in why["sides"]:
        assert side["unmet"] == sum(not condition["ok"] for condition in side["conditions"])
        assert "no entry in the last 10 minutes" in side["blocked"]  # the data ends a second before the close
        assert len(side["conditions"]) == 4
    assert (near["symbols"], len(near["rows"])) == (166, 7)
    assert near["candidates"] + sum(near["left_out"].values()) == 2 * 166
    order = [(len(row["unmet"]), row["distance_percent"]) for row in near["rows"]]
    assert order == sorted(order)


def test_a_rule_may_read_the_exchanges_average_price(exchange: LocalExchange, tmp_path: Path) -> None:
    rule: dict[str, Any] = {"name": "dear", "directions": ("LONG",), "long": {"entry": ("close > atp",)}}
    settings = settings_in(tmp_path).model_copy(update={"strategy": (StrategySettings.model_validate(rule),)})
    system = system_for(settings, exchange.url)
    system.start()
    assert system.over.wait(LONG_S)
    view = from_json(SymbolView, json.loads(ask(settings.state_directory, "/debug?symbol=NSE:RELIANCE").text))
    system.stop()
    ((condition,),) = view.strategies[0].conditions.values()
    last = view.bars[-1]
    assert condition.left == last.close
    # The average of a day of its own trades lies close to their VWAP.
    assert condition.right == pytest.approx(last.close, rel=0.05)
    assert condition.ok is (last.close > condition.right)


def test_a_session_whose_last_minutes_had_no_trade_ends_its_signals_at_the_close(tmp_path: Path) -> None:
    with gzip.open(SESSION, "rt") as whole:
        rows = [line for line in whole if line.startswith("Code") or "15:00" < line.split(",")[1][11:16] < "15:25"]
    (tmp_path / "quiet.csv").write_text("".join(rows), "utf-8")
    session = load_session(tmp_path / "quiet.csv")
    settings = settings_in(tmp_path).model_copy(update={"strategy": (ema_vwap(2, 2, 3, target="", stop=""),)})
    with LocalExchange(session, DhanWire(session.symbols, read_master(Simulator().instruments))) as exchange:
        system = system_for(settings, exchange.url)
        system.start()
        assert system.over.wait(LONG_S)
        system.stop()
    records = [json.loads(line) for line in (tmp_path / "signals.jsonl").read_text("utf-8").splitlines()]
    at_the_end = {record["time"] for record in records if record["reason"] == "market_end"}
    assert at_the_end == {"2016-09-30T15:30:00+05:30"}
    ended = {record["state_id"] for record in records if record["type"] == "EXIT"}
    assert {record["id"] for record in records if record["type"] == "ENTRY"} == ended


def test_a_live_feed_refuses_trades_of_another_year(exchange: LocalExchange, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, market_clock="wall")
    system = system_for(settings, exchange.url)
    system.start()
    assert exchange.wait_finished(LONG_S)
    system.stop()
    assert exchange.packets_sent > 1000
    assert system.answers.seen().bars == 0
    assert not (tmp_path / "signals.jsonl").exists()


def test_a_second_run_on_the_same_state_is_refused_with_the_holder_named(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    system = system_for(settings, exchange.url)
    system.start()
    try:
        with pytest.raises(BusyError, match="in use by another run"):
            system_for(settings, exchange.url).start()
    finally:
        system.stop()


def test_a_core_part_that_ended_by_itself_is_named(exchange: LocalExchange, tmp_path: Path) -> None:
    system = system_for(settings_in(tmp_path), exchange.url)
    system.start()
    assert system.over.wait(LONG_S)
    assert system.dead() is None
    system.stop()
    assert system.dead() == "the symbols' thread"
