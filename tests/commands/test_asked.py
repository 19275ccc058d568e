"""Signals of the system, as they come: at any moment, and in storms."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from commands.asked import Asked, Signals

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signals")


@pytest.fixture
def signals() -> Iterator[Signals]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield Signals()
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_before_anything_is_at_work_the_process_ends_at_once(signals: Signals):
    def told_to_end() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        signals.wait(10)

    with pytest.raises(SystemExit) as ended:
        told_to_end()
    assert ended.value.code == 0


def test_the_end_is_told_for_ever_and_before_any_reload(signals: Signals):
    signals.hear_the_end()
    assert signals.wait(0) is None
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGHUP):
        os.kill(os.getpid(), number)
    assert [signals.wait(10), signals.wait(10)] == [Asked.END, Asked.END]


def test_many_reloads_are_one(signals: Signals):
    for _ in range(5):
        os.kill(os.getpid(), signal.SIGHUP)
    assert [signals.wait(10), signals.wait(0)] == [Asked.RELOAD, None]


def test_in_a_storm_of_signals_the_main_thread_goes_on(signals: Signals):
    over = threading.Event()

    def storm() -> None:
        for _ in range(20_000):
            os.kill(os.getpid(), signal.SIGHUP)
        over.set()

    sender = threading.Thread(target=storm, daemon=True, name="storm")
    sender.start()
    asked = set()
    while not over.is_set():
        asked.add(signals.wait(0.0001))
    sender.join()
    signals.hear_the_end()
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals.wait(10) is Asked.END
    assert Asked.RELOAD in asked
