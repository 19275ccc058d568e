from hypothesis import given
from hypothesis import strategies as st

from delivery.alert import Alert
from delivery.waiting import Waiting, WaitingList, best_first, exits_first
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


def test_entries_of_the_same_minute_go_by_their_score_and_those_without_one_after_them():
    waiting_list, _ = listed(
        entry("NSE:A", score=1.0),
        entry("NSE:B"),
        entry("NSE:C", score=3.0),
        entry("NSE:D", score=-2.0),
        entry("NSE:E", score=3.0),
    )
    assert ids(best_first(waiting_list.ready(now=0.0))) == [3, 5, 1, 4, 2]


def test_without_scores_the_order_is_that_of_the_commits():
    opened = entry("NSE:A")
    _, everything = listed(
        opened, exit_of(opened, time="10:31", price=1.0), entry("NSE:B"), entry("NSE:A", time="10:31")
    )
    assert best_first(everything) == everything


def test_minutes_and_exits_keep_their_places():
    old = entry("NSE:OLD")
    waiting_list, _ = listed(
        entry("NSE:A", score=1.0),
        exit_of(old, time="10:31", price=1.0),
        entry("NSE:B", score=2.0),
        entry("NSE:C", time="10:32", score=9.0),
        entry("NSE:D", time="10:32", score=10.0),
    )
    assert ids(best_first(waiting_list.ready(now=0.0))) == [3, 2, 1, 5, 4]


@given(st.data())
def test_whatever_the_scores_the_alerts_of_one_symbol_keep_their_order_and_none_is_lost(data: st.DataObject):
    symbols, minutes = st.sampled_from(["NSE:A", "NSE:B", "NSE:C"]), st.sampled_from(["10:31", "10:32"])
    made = st.builds(
        lambda symbol, time, score, is_exit: (
            exit_of(entry(symbol), time=time, price=1.0) if is_exit else entry(symbol, time=time, score=score)
        ),
        symbols, minutes, st.none() | st.integers(0, 3), st.booleans(),
    )  # fmt: skip
    waiting_list, everything = listed(*data.draw(st.lists(made, max_size=12)))
    for order in (best_first(everything), best_first(exits_first(waiting_list.ready(now=0.0)))):
        assert sorted(ids(order)) == ids(everything)
        for symbol in ("NSE:A", "NSE:B", "NSE:C"):
            own = [one.outbox_id for one in order if one.alert.transition.symbol == symbol]
            assert own == sorted(own)
