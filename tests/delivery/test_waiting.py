from delivery.alert import Alert
from delivery.waiting import Waiting, WaitingList, exits_first
from signals.record import to_json
from signals.signal import Transition
from tests.transitions import entry, exit_of


def listed(*transitions: Transition) -> tuple[WaitingList, list[Waiting]]:
    waiting_list = WaitingList()
    all_waiting = [Waiting(n, Alert(signal, to_json(signal)), 0, 0) for n, signal in enumerate(transitions, 1)]
    for waiting in all_waiting:
        waiting_list.add(waiting)
    return waiting_list, all_waiting


def ids(waiting: list[Waiting]) -> list[int]:
    return [one.outbox_id for one in waiting]


def test_one_that_must_wait_keeps_back_only_the_later_ones_of_its_symbol():
    opened = entry("NSE:A")
    waiting_list, (first, *_) = listed(opened, entry("NSE:B"), exit_of(opened, time="10:40", price=1.0), entry("NSE:C"))
    first.due = 50.0
    assert ids(waiting_list.ready(now=40.0)) == [2, 4]
    assert waiting_list.next_due(now=40.0) == 10.0
    assert ids(waiting_list.ready(now=50.0)) == [1, 2, 3, 4]
    assert waiting_list.next_due(now=50.0) is None


def test_what_is_removed_frees_its_symbol():
    opened = entry("NSE:A")
    waiting_list, (first, _) = listed(opened, exit_of(opened, time="10:40", price=1.0))
    first.due = 50.0
    assert ids(waiting_list.ready(now=0.0)) == []
    waiting_list.remove(first)
    assert ids(waiting_list.ready(now=0.0)) == [2]
    assert len(waiting_list) == 1


def test_exits_go_first_but_never_before_something_of_their_own_symbol():
    old, new = entry("NSE:OLD"), entry("NSE:NEW")
    waiting_list, _ = listed(
        entry("NSE:A"),
        new,
        exit_of(old, time="10:40", price=1.0),
        exit_of(new, time="10:41", price=1.0),
        entry("NSE:B"),
    )
    assert ids(exits_first(waiting_list.ready(now=0.0))) == [3, 1, 2, 4, 5]
