from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pykka import ActorRegistry

from simulator.dhan import DhanWire
from simulator.faults import Faults
from simulator.pace import Pace
from simulator.server import LocalExchange
from tests.actors.feeds import Feeds, Play, Told, listings_of, session_of
from tests.actors.runtimes import Diary, Runtime
from tests.factories import Desk, plan


@pytest.fixture
def desk() -> Desk:
    """A symbol whose one strategy is long above 100 and short below, with target and stop close by."""
    return Desk(plan(target="2", stop="1"))


def long_at_101(desk: Desk) -> None:
    """A signal entered on the bar 10:01."""
    desk.minute("10:00", 100.0)
    desk.minute("10:01", 101.0)


@pytest.fixture(params=["threading", "pooled"])
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    for left_by_other_tests in ActorRegistry.get_all():
        ActorRegistry.unregister(left_by_other_tests)
    runtime = Runtime(request.param)
    yield runtime
    runtime.end()


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def exchange() -> Iterator[Play]:
    """Start a local exchange that plays so many ticks of so many stocks."""
    with ExitStack() as stack:

        def start(
            faults: Faults | None = None, *, count: int = 4, ticks: int = 400, pace: Pace | None = None, port: int = 0
        ) -> LocalExchange:
            session = session_of(count, ticks)
            wire = DhanWire(session.symbols, listings_of(count))
            return stack.enter_context(LocalExchange(session, wire, faults=faults, pace=pace, port=port, settle_s=0.05))

        yield start


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[Feeds]:
    with ExitStack() as stack:
        yield Feeds(tmp_path, stack)


@pytest.fixture
def told() -> Told:
    return Told()
