"""A start in the middle of the day: the store's bars and machines bring every symbol to where it stood."""

import gzip
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from actors.views import StrategyView
from brokers.dhan import DhanBroker
from brokers.dhan.instruments import read_master
from commands.source import Source
from market.clock import SystemClock
from settings.schema import Channel, Control, Settings, Simulator, Store
from simulator.dhan import DhanWire
from simulator.server import LocalExchange
from simulator.session_file import load_session
from system import System
from tests.factories import at

DAY = date(2016, 9, 30)
NOON = f"{DAY} 12:00:00"
NOON_MS = at("12:00", DAY)
LONG_S = 60.0


class NoonClock(SystemClock):
    """A little after noon of the recorded day; monotonic time goes on."""

    def now_ms(self) -> int:
        return NOON_MS + 5_000


@pytest.fixture
def morning(tmp_path: Path) -> Path:
    """The recorded session, cut at noon."""
    with gzip.open(Simulator().session, "rt") as whole:
        rows = [line for line in whole if line.startswith("Code") or line.split(",")[1] < NOON]
    path = tmp_path / "morning.csv"
    path.write_text("".join(rows), "utf-8")
    return path


def settings_in(directory: Path) -> Settings:
    return Settings(
        simulator=Simulator(speed=0.0),
        channel=(Channel(name="signals", kind="jsonl", path=directory / "signals.jsonl"),),
        store=Store(directory=directory / "state"),
        control=Control(port=0),
    )


def without_blocks(strategy: StrategyView) -> StrategyView:
    """What keeps a strategy from entering is more at noon: nobody has watched yet."""
    return replace(strategy, sides=tuple(replace(side, blocked=()) for side in strategy.sides))


def test_a_start_at_noon_stands_where_the_morning_ended_and_says_nothing_twice(morning: Path, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    session = load_session(morning)
    listings = read_master(Simulator().instruments)
    with LocalExchange(session, DhanWire(session.symbols, listings)) as exchange:
        broker = DhanBroker.simulated(settings, exchange.url)
        source = Source(settings, broker, SystemClock())
        before = System(settings, source.instruments, SystemClock(), source.readers, data_clock=True)
        before.start()
        assert before.over.wait(LONG_S)
        symbols = [instrument.symbol for instrument in source.instruments.values()]
        stood = {symbol: before.answers.inspect(symbol) for symbol in symbols}
        before.stop()
    said = (tmp_path / "signals.jsonl").read_text("utf-8")

    after = System(settings, source.instruments, NoonClock(), lambda *_: [], data_clock=False)
    after.start()
    stands = {symbol: after.answers.inspect(symbol) for symbol in symbols}
    after.stop()

    assert after.answers.seen().signals == {}
    assert (tmp_path / "signals.jsonl").read_text("utf-8") == said
    states: set[str] = set()
    for symbol in symbols:
        then, now = stood[symbol], stands[symbol]
        assert then is not None
        assert now is not None
        assert now.bars == then.bars
        assert list(map(without_blocks, now.strategies)) == list(map(without_blocks, then.strategies))
        states.update(strategy.state for strategy in now.strategies)
    assert states == {"IDLE", "IN_SIGNAL", "COOLDOWN"}  # or the comparison would show little
