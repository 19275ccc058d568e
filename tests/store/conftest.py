from collections.abc import Iterator
from pathlib import Path

import pytest

from store.store import Store
from tests.transitions import HandClock, Told


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def health() -> Told:
    return Told()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock, health: Told) -> Iterator[Store]:
    store = Store(tmp_path / "state", clock, health)
    store.start()
    yield store
    store.stop()
