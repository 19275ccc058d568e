import threading

from delivery.deadline import Deadline
from delivery.retry import SENT, Outcome, Verdict


def nothing() -> None:
    pass


def test_a_quick_call_gives_its_own_outcome():
    assert Deadline("send", 20.0, nothing).call(lambda: SENT) is SENT


def test_no_call_is_made_while_three_hang_and_then_again():
    let_go, made = threading.Event(), list[int]()

    def hang() -> Outcome:
        made.append(1)
        let_go.wait(30)
        return SENT

    deadline = Deadline("send", 0.02, nothing)
    for _ in range(3):
        outcome = deadline.call(hang)
        assert (outcome.verdict, outcome.may_have_arrived) == (Verdict.RETRY, True)
    outcome = deadline.call(hang)
    assert (outcome.verdict, outcome.may_have_arrived, len(made)) == (Verdict.RETRY, False, 3)
    let_go.set()
    for thread in deadline._abandoned:
        thread.join(10)
    assert Deadline("send", 20.0, nothing).call(lambda: SENT) is SENT
    assert deadline.call(lambda: SENT) is SENT
