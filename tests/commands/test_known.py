from pathlib import Path

from commands.known import known_offline
from market.clock import SystemClock
from market.instrument import Kind
from settings.schema import Dhan, Feed, Settings, Simulator, Store

LISTS = Path(__file__).parents[1] / "data/instruments"


def test_the_simulators_own_list_is_looked_up():
    acc = known_offline(Settings(), SystemClock())("NSE:ACC")
    assert acc is not None
    assert (acc.kind, acc.series, acc.tick_size) == (Kind.EQUITY, "EQ", 0.05)


def test_a_live_brokers_list_is_looked_up_where_it_lies(tmp_path: Path):
    dhan = Dhan(instruments=str(LISTS / "detailed.csv"))
    known = known_offline(Settings(feed=Feed(source="dhan"), dhan=dhan, store=Store(directory=tmp_path)), SystemClock())
    assert known("NSE:M&M") is not None
    assert known("NSE:NOBODY") is None


def test_without_a_list_nothing_is_known_and_nobody_is_asked(tmp_path: Path):
    dhan = Dhan(instruments="http://127.0.0.1:9/nobody-listens")
    live = Settings(feed=Feed(source="dhan"), dhan=dhan, store=Store(directory=tmp_path))
    missing = Settings(simulator=Simulator(instruments=tmp_path / "missing.csv"), store=Store(directory=tmp_path))
    for settings in (live, missing):
        assert known_offline(settings, SystemClock())("NSE:ACC") is None
    assert list(tmp_path.iterdir()) == []
