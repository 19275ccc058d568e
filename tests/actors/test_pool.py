"""What pooled actors have beyond pykka's own: a worker they share, and jobs for many of them."""

import threading
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

from actors.pool import PooledActor, Worker
from tests.factories import InlineWorker

WAIT_S = 10.0


class Echo(PooledActor):
    """Answers; a message that can be called is called."""

    def __init__(self, worker: Worker, name: str = "echo") -> None:
        super().__init__(worker)
        self.name = name

    def on_receive(self, message: Any) -> Any:
        return message() if callable(message) else f"{self.name}: {message}"


class Do:
    """A job."""

    def __init__(self, work: Any) -> None:
        self.run = work


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("pool under test")
    worker.start()
    yield worker
    assert worker.stop(WAIT_S)


def test_two_thousand_actors_share_one_thread(worker: Worker):
    threads = threading.active_count()
    refs = [Echo.start(worker, str(number)) for number in range(2000)]
    assert len({ref.ask(threading.get_ident, timeout=WAIT_S) for ref in refs}) == 1
    assert threading.active_count() == threads
    assert refs[1999].ask("there?", timeout=WAIT_S) == "1999: there?"
    for ref in refs:
        ref.stop(block=False)
    assert all(ref.actor_stopped.wait(WAIT_S) for ref in refs)


def test_launch_gives_the_actor_itself(worker: Worker):
    actor = Echo.launch(worker, "itself")
    assert isinstance(actor, Echo)
    assert actor.name == "itself"
    assert actor.actor_ref.ask("you?", timeout=WAIT_S) == "itself: you?"


def test_what_one_sender_puts_is_done_in_order_be_it_a_message_or_a_job(worker: Worker):
    done: list[str] = []
    refs = [Echo.start(worker) for _ in range(3)]
    for number in range(30):
        refs[number % 3].tell(lambda number=number: done.append(f"message {number}"))
        worker.put(Do(lambda number=number: done.append(f"job {number}")))
    refs[0].ask("done?", timeout=WAIT_S)
    assert done == [f"{what} {number}" for number in range(30) for what in ("message", "job")]


def test_a_worker_ends_after_all_that_waits(worker: Worker):
    done: list[int] = []
    busy = Worker("busy")
    for number in range(100):
        busy.put(Do(lambda number=number: done.append(number)))
    busy.start()
    assert busy.stop(WAIT_S)
    assert done == list(range(100))


def test_a_worker_says_when_it_did_not_end_in_time():
    gate = threading.Event()
    slow = Worker("slow")
    slow.put(Do(gate.wait))
    slow.start()
    assert not slow.stop(timeout_s=0.01)
    gate.set()
    slow.stop(WAIT_S)


def test_its_heart_beats_once_a_job_and_its_backlog_is_what_waits():
    idle = Worker("idle")
    idle.put(Do(lambda: None))
    idle.put(Do(lambda: None))
    assert (idle.heartbeat.name, idle.heartbeat.beats, idle.heartbeat.backlog()) == ("idle", 0, 2)
    idle.start()
    idle.stop(WAIT_S)
    assert (idle.heartbeat.beats, idle.heartbeat.backlog()) == (2, 0)


def test_its_heart_beats_while_an_actor_waits_for_an_answer(worker: Worker):
    asking, other = Echo.start(worker), Echo.start(worker)
    beats: list[int] = []

    def ask() -> None:
        beats.append(worker.heartbeat.beats)
        other.ask("well?", timeout=WAIT_S)
        beats.append(worker.heartbeat.beats)

    asking.ask(ask, timeout=WAIT_S)
    assert beats[1] > beats[0]


def test_others_are_served_while_an_actor_waits_for_an_answer(worker: Worker):
    asking, other, third = (Echo.start(worker, name) for name in ("asking", "other", "third"))
    gate = threading.Event()
    order: list[str] = []

    def ask() -> str:
        gate.wait(WAIT_S)  # until the third's message is ahead of the question
        answer = str(other.ask("well?", timeout=WAIT_S))
        order.append("answer")
        return answer

    answer = asking.ask(ask, block=False)
    third.tell(lambda: order.append("third"))
    gate.set()
    assert answer.get(timeout=WAIT_S) == "other: well?"
    assert order == ["third", "answer"]


def test_a_message_to_an_actor_that_waits_for_an_answer_comes_afterwards(worker: Worker):
    asking, other = Echo.start(worker), Echo.start(worker)
    gate = threading.Event()
    order: list[str] = []

    def ask() -> None:
        gate.wait(WAIT_S)
        other.ask("well?", timeout=WAIT_S)
        order.append("asked")

    asking.tell(ask)
    asking.tell(lambda: order.append("next"))
    gate.set()
    asking.ask("done?", timeout=WAIT_S)
    assert order == ["asked", "next"]


def test_an_actor_asks_one_on_another_worker_while_its_own_worker_has_nothing_else_to_do(worker: Worker):
    elsewhere = Worker("elsewhere")
    elsewhere.start()
    other = Echo.start(elsewhere, "elsewhere")
    gate = threading.Event()
    elsewhere.put(Do(lambda: gate.wait(WAIT_S)))

    def ask() -> str:
        gate.set()
        return str(other.ask("well?", timeout=WAIT_S))

    assert Echo.start(worker).ask(ask, timeout=WAIT_S) == "elsewhere: well?"
    assert elsewhere.stop(WAIT_S)


def test_an_actor_asks_a_pykka_actor_with_a_thread_of_its_own(worker: Worker):
    class Own(pykka.ThreadingActor):
        use_daemon_thread = True

        def on_receive(self, message: Any) -> str:
            return f"own thread: {message}"

    own = Own.start()
    assert Echo.start(worker).ask(lambda: own.ask("well?", timeout=WAIT_S), timeout=WAIT_S) == "own thread: well?"
    own.stop(timeout=WAIT_S)


def test_an_actor_that_waits_when_its_worker_ends_gives_up():
    ending = Worker("ending")
    ref, silent = Echo.start(ending), Echo.start(Worker("never started"))
    answer = ref.ask(lambda: silent.ask("well?"), block=False)
    ending.start()
    assert ending.stop(WAIT_S)
    with pytest.raises(pykka.Timeout):
        answer.get(timeout=WAIT_S)


@pytest.mark.parametrize("fault", [ValueError, SystemExit])
def test_an_actor_that_cannot_start_does_not_end_the_worker(worker: Worker, fault: type[BaseException]):
    class Stillborn(Echo):
        def on_start(self) -> None:
            raise fault

    ref, other = Stillborn.start(worker), Echo.start(worker)
    assert other.ask("well?", timeout=WAIT_S) == "echo: well?"
    assert not ref.is_alive()


def test_an_actor_fails_once_however_many_of_its_rows_raise():
    class Failing(Echo):
        failures = 0

        def on_failure(self, *_: Any) -> None:
            self.failures += 1

    actor = Failing.launch(InlineWorker())
    for number in ("one", "two", "three"):
        try:
            float(number)
        except ValueError:
            actor.fail()
    assert actor.failures == 1
    assert not actor.actor_ref.is_alive()


def test_who_waits_for_a_worker_that_is_stopped_goes_on(worker: Worker):
    never = threading.Event()
    waiter = threading.Thread(target=worker.wait_for, args=(never.wait,), daemon=True)
    waiter.start()
    worker.stop(WAIT_S)
    waiter.join(WAIT_S)
    assert not waiter.is_alive()
