"""The whole program before the open, with a broker's history: once cold, once more the same day."""

from datetime import date
from pathlib import Path

import pytest

from brokers.dhan import DhanBroker
from brokers.dhan.instruments import read_master
from market.clock import SystemClock
from settings.schema import Channel, Control, Settings, Simulator, Store
from simulator.dhan_rest import CANDLES, rest_of
from simulator.rest import RestService
from simulator.session_file import load_session
from system import System
from tests.factories import at

BEFORE_THE_OPEN_MS = at("08:40", date(2016, 9, 30))
SYMBOLS = ("NSE:TCS", "NSE:INFY", "NSE:SBIN")
TURN_S, PATIENCE_TURNS = 0.02, 1500


class MorningClock(SystemClock):
    """Twenty to nine of the recorded day; monotonic time goes on."""

    def now_ms(self) -> int:
        return BEFORE_THE_OPEN_MS


@pytest.fixture
def service() -> RestService:
    session = load_session(Simulator().session)
    return RestService(rest_of(session, read_master(Simulator().instruments), lambda: 0))


def test_a_start_before_the_open_is_warm_by_itself_and_the_next_one_asks_for_nothing(
    service: RestService, tmp_path: Path
) -> None:
    settings = Settings(
        simulator=Simulator(market_clock="wall"),
        channel=(Channel(name="signals", kind="jsonl", path=tmp_path / "signals.jsonl"),),
        store=Store(directory=tmp_path / "state"),
        control=Control(port=0),
    )
    watched = [each for each in read_master(Simulator().instruments) if each.instrument.symbol in SYMBOLS]
    instruments = {each.key: each.instrument for each in watched}
    clock = MorningClock()
    asked = []
    with service:
        for _ in range(2):
            history = DhanBroker.simulated(settings, "ws://127.0.0.1:9", service.url).history(clock)
            system = System(settings, instruments, clock, lambda *_: [], data_clock=False, history=history)
            system.start()
            for _turn in range(PATIENCE_TURNS):
                if system.answers.warm == len(SYMBOLS) and not system.history_left:
                    break
                system.over.wait(TURN_S)
            views = [system.answers.inspect(symbol) for symbol in SYMBOLS]
            system.stop()
            asked.append(service.counts[CANDLES])
            assert [view.warm for view in views if view] == ["yes"] * len(SYMBOLS)
            assert [len(view.strategies[0].conditions) for view in views if view] == [2] * len(SYMBOLS)
    assert asked == [len(SYMBOLS), len(SYMBOLS)]
    assert service.refused == 0
