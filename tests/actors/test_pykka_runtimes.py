"""What pykka documents of an actor, held against its own ThreadingActor and against PooledActor alike."""

import logging
import threading
from typing import Any

import pykka
import pytest
from pykka import ActorDeadError, ActorRegistry

from tests.actors.runtimes import WAIT_S, Diarist, Diary, Gate, Runtime, fail

# --- life ----------------------------------------------------------------------------------------------------------


def test_a_started_actor_is_alive_and_known_by_its_urn(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)
    assert ref.is_alive()
    assert ActorRegistry.get_by_urn(ref.actor_urn) is ref
    assert ref.actor_class.__name__ == "Diarist"
    assert ref.actor_urn.startswith("urn:uuid:")
    assert str(ref) == f"Diarist ({ref.actor_urn})"


def test_every_actor_has_its_own_urn(runtime: Runtime, diary: Diary):
    refs = [runtime.start(Diarist, diary=diary) for _ in range(3)]
    assert len({ref.actor_urn for ref in refs}) == 3


def test_starts_then_takes_messages_then_stops(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)
    ref.tell("a message")
    assert ref.stop(timeout=WAIT_S) is True
    assert diary.lines() == ["on_start", "a message", "on_stop"]


def test_hooks_and_messages_run_in_one_thread_that_is_not_the_callers(runtime: Runtime, diary: Diary):
    class Context(Diarist):
        def on_start(self) -> None:
            self.diary.write(threading.get_ident())

        on_stop = on_start

    ref = runtime.start(Context, diary=diary)
    inside = ref.ask(lambda _: threading.get_ident(), timeout=WAIT_S)
    ref.stop(timeout=WAIT_S)
    assert diary.lines() == [inside, inside]
    assert inside != threading.get_ident()


def test_is_made_in_the_callers_thread(runtime: Runtime, diary: Diary):
    class Made(Diarist):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.made_in = threading.get_ident()

    ref = runtime.start(Made, diary=diary)
    assert ref.proxy().made_in.get(timeout=WAIT_S) == threading.get_ident()


def test_forgetting_the_base_class_constructor_is_found_at_the_start(runtime: Runtime, diary: Diary):
    class Forgetful(Diarist):
        def __init__(self, *_: Any) -> None:
            pass

    with pytest.raises((AssertionError, AttributeError)):
        runtime.start(Forgetful, diary=diary)


def test_an_actor_that_fails_to_start_is_dead_and_on_failure_is_not_called(
    runtime: Runtime, diary: Diary, caplog: pytest.LogCaptureFixture
):
    class Stillborn(Diarist):
        def on_start(self) -> None:
            raise ValueError("cannot start")

    gate = Gate()
    ref = runtime.start(Stillborn, diary=diary)  # returns a ref all the same
    assert ref.actor_stopped.wait(WAIT_S)
    with pytest.raises(ActorDeadError):
        ref.ask(gate, timeout=WAIT_S)
    assert ActorRegistry.get_by_urn(ref.actor_urn) is None
    assert diary.lines() == []
    assert "cannot start" in caplog.text


def test_messages_to_an_actor_that_fails_to_start_are_answered(runtime: Runtime, diary: Diary):
    told = threading.Event()

    class Stillborn(Diarist):
        def on_start(self) -> None:
            assert told.wait(WAIT_S)
            raise ValueError("cannot start")

    ref = runtime.start(Stillborn, diary=diary)
    answer = ref.ask("anybody there?", block=False)
    told.set()
    with pytest.raises(ActorDeadError, match="stopped before handling the message"):
        answer.get(timeout=WAIT_S)


# --- tell ----------------------------------------------------------------------------------------------------------


def test_messages_come_in_order(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)
    for number in range(100):
        ref.tell(number)
    ref.stop(timeout=WAIT_S)
    assert diary.lines() == ["on_start", *range(100), "on_stop"]


def test_messages_of_each_sender_stay_in_order(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)

    def send(sender: int) -> None:
        for number in range(200):
            ref.tell((sender, number))

    senders = [threading.Thread(target=send, args=(sender,), name="sender", daemon=True) for sender in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    ref.stop(timeout=WAIT_S)
    taken = diary.lines()[1:-1]
    assert len(taken) == 800
    assert all([n for s, n in taken if s == sender] == list(range(200)) for sender in range(4))


def test_takes_one_message_at_a_time(runtime: Runtime, diary: Diary):
    inside: list[int] = []

    def enter(_: Any) -> int:
        inside.append(1)
        crowd = len(inside)
        inside.pop()
        return crowd

    ref = runtime.start(Diarist, diary=diary)
    crowds: list[int] = []

    def send() -> None:
        crowds.extend(pykka.get_all([ref.ask(enter, block=False) for _ in range(200)], timeout=WAIT_S))

    senders = [threading.Thread(target=send, name="sender", daemon=True) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert crowds == [1] * 800


def test_an_exception_on_tell_ends_the_actor_with_on_failure_and_not_on_stop(
    runtime: Runtime, diary: Diary, caplog: pytest.LogCaptureFixture
):
    ref = runtime.start(Diarist, diary=diary)
    ref.tell(fail)
    diary.wait_for(("on_failure", ValueError, "as told", True))
    assert not ref.is_alive()
    assert ActorRegistry.get_by_urn(ref.actor_urn) is None
    assert diary.lines()[-1][0] == "on_failure"
    assert "Unhandled exception in Diarist" in caplog.text


def test_what_waited_behind_the_message_that_failed_is_answered(runtime: Runtime, diary: Diary):
    gate = Gate()
    ref = runtime.start(Diarist, diary=diary)
    ref.tell(gate)
    assert gate.entered.wait(WAIT_S)
    ref.tell(fail)
    answer = ref.ask("behind", block=False)
    gate.open()
    with pytest.raises(ActorDeadError):
        answer.get(timeout=WAIT_S)
    assert "behind" not in diary.lines()


def test_an_exception_in_on_failure_is_logged_and_hurts_nobody_else(runtime: Runtime, diary: Diary):
    class Unlucky(Diarist):
        def on_failure(self, *_: Any) -> None:
            raise KeyError("again")

    class Log(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            diary.write(record.exc_info[0] if record.exc_info else None)

    ref, other = runtime.start(Unlucky, diary=diary), runtime.start(Diarist, diary=diary)
    log = Log()
    logging.getLogger("pykka").addHandler(log)
    try:
        ref.tell(fail)
        diary.wait_for(KeyError)
    finally:
        logging.getLogger("pykka").removeHandler(log)
    assert other.ask("still here?", timeout=WAIT_S) == "actor took still here?"
    with pytest.raises(ActorDeadError):
        ref.ask("and you?", timeout=WAIT_S)


def test_one_actor_that_fails_leaves_the_others_alone(runtime: Runtime, diary: Diary):
    failing, other = (runtime.start(Diarist, diary=diary) for _ in range(2))
    failing.tell(fail)
    assert failing.actor_stopped.wait(WAIT_S)
    assert other.ask("well?", timeout=WAIT_S) == "actor took well?"


def test_a_message_nobody_handles_is_logged(runtime: Runtime, caplog: pytest.LogCaptureFixture):
    class Silent:
        pass

    assert runtime.start(Silent).ask("unexpected", timeout=WAIT_S) is None
    assert any(record.levelno == logging.WARNING and "unexpected" in record.getMessage() for record in caplog.records)


# --- ask -----------------------------------------------------------------------------------------------------------


def test_ask_returns_the_answer(runtime: Runtime, diary: Diary):
    assert runtime.start(Diarist, diary=diary).ask("this", timeout=WAIT_S) == "actor took this"


def test_ask_without_waiting_gives_a_future(runtime: Runtime, diary: Diary):
    gate = Gate()
    ref = runtime.start(Diarist, diary=diary)
    ref.tell(gate)
    answer = ref.ask("this", block=False)
    assert isinstance(answer, runtime.future)
    gate.open()
    assert answer.get(timeout=WAIT_S) == "actor took this"
    assert answer.get() == "actor took this"  # as often as one likes


def test_ask_gives_up_in_time_and_the_message_is_handled_all_the_same(runtime: Runtime, diary: Diary):
    gate = Gate()
    ref = runtime.start(Diarist, diary=diary)
    ref.tell(gate)
    with pytest.raises(pykka.Timeout):
        ref.ask("late", timeout=0.01)
    gate.open()
    ref.stop(timeout=WAIT_S)
    assert "late" in diary.lines()


def test_an_exception_on_ask_comes_back_with_its_traceback_and_the_actor_lives(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)
    with pytest.raises(ValueError, match="as told") as raised:
        ref.ask(fail, timeout=WAIT_S)
    assert "fail" in [entry.name for entry in raised.traceback]
    assert ref.ask("well?", timeout=WAIT_S) == "actor took well?"
    assert diary.lines() == ["on_start", "well?"]  # neither on_failure nor on_stop


def test_an_actor_asks_another(runtime: Runtime, diary: Diary):
    other = runtime.start(Diarist, diary=diary, name="other")
    ref = runtime.start(Diarist, diary=diary)
    assert ref.ask(lambda _: other.ask("this", timeout=WAIT_S), timeout=WAIT_S) == "other took this"


def test_an_actor_gets_the_exception_of_another_that_it_asked(runtime: Runtime, diary: Diary):
    other = runtime.start(Diarist, diary=diary)
    ref = runtime.start(Diarist, diary=diary)

    def ask_the_other(_: Any) -> str:
        with pytest.raises(ValueError, match="as told"):
            other.ask(fail, timeout=WAIT_S)
        return "caught"

    assert ref.ask(ask_the_other, timeout=WAIT_S) == "caught"
    assert other.is_alive()


def test_a_chain_of_questions_is_answered(runtime: Runtime, diary: Diary):
    last = runtime.start(Diarist, diary=diary, name="last")
    middle = runtime.start(Diarist, diary=diary)
    first = runtime.start(Diarist, diary=diary)
    question = "how far?"
    answer = first.ask(
        lambda _: middle.ask(lambda _: last.ask(question, timeout=WAIT_S), timeout=WAIT_S), timeout=WAIT_S
    )
    assert answer == "last took how far?"


def test_an_actor_that_asks_itself_gets_no_answer_in_time_and_goes_on(runtime: Runtime, diary: Diary):
    def ask_itself(actor: Any) -> str:
        with pytest.raises(pykka.Timeout):
            actor.actor_ref.ask("myself", timeout=0.01)
        return "gave up"

    ref = runtime.start(Diarist, diary=diary)
    assert ref.ask(ask_itself, timeout=WAIT_S) == "gave up"
    ref.stop(timeout=WAIT_S)
    assert diary.lines() == ["on_start", "myself", "on_stop"]


def test_a_message_to_itself_comes_after_those_that_wait(runtime: Runtime, diary: Diary):
    gate = Gate()

    def tell_itself(actor: Any) -> None:
        gate(actor)
        actor.actor_ref.tell("to myself")

    ref = runtime.start(Diarist, diary=diary)
    ref.tell(tell_itself)
    assert gate.entered.wait(WAIT_S)
    ref.tell("waiting")
    gate.open()
    diary.wait_for("to myself")
    assert diary.lines() == ["on_start", "waiting", "to myself"]


# --- stop ----------------------------------------------------------------------------------------------------------


def test_stop_says_whether_there_was_something_to_stop(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)
    assert ref.stop(timeout=WAIT_S) is True
    assert not ref.is_alive()
    assert ref.stop(timeout=WAIT_S) is False
    assert ref.stop(block=False).get(timeout=WAIT_S) is False
    assert diary.lines().count("on_stop") == 1


def test_two_stops_that_wait_are_both_told_that_it_stopped(runtime: Runtime, diary: Diary):
    gate = Gate()
    ref = runtime.start(Diarist, diary=diary)
    ref.tell(gate)
    stops = [ref.stop(block=False) for _ in range(2)]
    gate.open()
    assert list(pykka.get_all(stops, timeout=WAIT_S)) == [True, True]
    assert diary.lines().count("on_stop") == 1


def test_messages_before_the_stop_are_handled_and_those_after_are_answered_with_the_death(
    runtime: Runtime, diary: Diary
):
    gate = Gate()
    ref = runtime.start(Diarist, diary=diary)
    ref.tell(gate)
    before = ref.ask("before", block=False)
    stopped = ref.stop(block=False)
    after = ref.ask("after", block=False)
    ref.tell("told after")
    gate.open()
    assert before.get(timeout=WAIT_S) == "actor took before"
    assert stopped.get(timeout=WAIT_S) is True
    with pytest.raises(ActorDeadError, match="stopped before handling the message"):
        after.get(timeout=WAIT_S)
    assert diary.lines() == ["on_start", "before", "on_stop"]


def test_an_actor_may_stop_itself(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)
    ref.ask(lambda actor: actor.stop(), timeout=WAIT_S)
    diary.wait_for("on_stop")
    assert ref.actor_stopped.wait(WAIT_S)


def test_an_actor_that_fails_to_stop_is_stopped(runtime: Runtime, diary: Diary, caplog: pytest.LogCaptureFixture):
    class Reluctant(Diarist):
        def on_stop(self) -> None:
            raise ValueError("will not")

    ref = runtime.start(Reluctant, diary=diary)
    assert ref.stop(timeout=WAIT_S) is True
    assert not ref.is_alive()
    assert "will not" in caplog.text


def test_the_dead_cannot_be_told_or_asked(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)
    ref.stop(timeout=WAIT_S)
    with pytest.raises(ActorDeadError, match="not found"):
        ref.tell("hello")
    with pytest.raises(ActorDeadError, match="not found"):
        ref.ask("hello", timeout=WAIT_S)
    answer = ref.ask("hello", block=False)
    with pytest.raises(ActorDeadError):
        answer.get(timeout=WAIT_S)
    with pytest.raises(ActorDeadError):
        ref.proxy()
