from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from delivery.channel import Channel
from delivery.destination import Destination
from signals.signal import Transition
from store.store import Store
from tests.loopback_services import HttpService, Slack, Telegram
from tests.transitions import HandClock, Told, raised


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def health() -> Told:
    return Told()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[Store]:
    store = Store(tmp_path / "state", clock)
    store.start()
    yield store
    store.stop()


@pytest.fixture
def commit(store: Store) -> Callable[..., None]:
    """Put signals into the store with deliveries for the channel `phone`, and wait for the commit."""

    def commit(*transitions: Transition, to: tuple[str, ...] = ("phone",)) -> None:
        for transition in transitions:
            store.write_transition(raised(transition), to, lambda: None)
        assert store.flush(10)

    return commit


@pytest.fixture
def channel_to(store: Store, clock: HandClock, health: Told) -> Callable[..., Channel]:
    """A channel that is not started: the test takes its turns by hand."""

    def channel_to(destination: Destination, name: str = "phone", send_limit_s: float = 20.0) -> Channel:
        return Channel(name, destination, store, clock, health, send_limit_s)

    return channel_to


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpService]:
    from apprise.plugins.telegram import NotifyTelegram

    with Telegram() as service:
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://{service.host}/bot")
        yield service


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpService]:
    from apprise.plugins.slack import NotifySlack

    with Slack() as service:
        monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{service.host}/services")
        yield service


@pytest.fixture
def webhook() -> Iterator[HttpService]:
    with HttpService() as service:
        yield service
