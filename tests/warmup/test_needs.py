import pytest

from warmup.needs import Need, Needs, wait_after


@pytest.fixture
def needs() -> Needs:
    return Needs(lambda need: (need.key,))


def test_the_most_urgent_goes_first_and_once(needs: Needs):
    for key in (3, 1, 2):
        needs.want(Need(key, 0, 10))
    taken = []
    while (need := needs.take(0.0)) is not None:
        taken.append(need.key)
        needs.done(need)
    assert taken == [1, 2, 3]
    assert len(needs) == 0


def test_two_wishes_for_one_symbol_become_one_that_holds_both(needs: Needs):
    needs.want(Need(1, 20, 30))
    needs.want(Need(1, 10, 25))
    need = needs.take(0.0)
    assert need is not None
    assert (need.since_ms, need.until_ms) == (10, 30)
    assert needs.take(0.0) is None


def test_a_symbol_is_never_asked_for_twice_at_once(needs: Needs):
    needs.want(Need(1, 0, 10))
    first = needs.take(0.0)
    assert first is not None
    needs.want(Need(1, 20, 30))
    assert needs.take(0.0) is None
    assert len(needs) == 1
    needs.done(first)
    second = needs.take(0.0)
    assert second is not None
    assert (second.since_ms, second.until_ms) == (20, 30)


def test_what_came_too_early_waits_and_keeps_count(needs: Needs):
    needs.want(Need(1, 0, 10))
    need = needs.take(100.0)
    assert need is not None
    need.tries, need.first_tried = 2, 100.0
    needs.again(need, 100.0, 5.0)
    assert needs.take(104.9) is None
    again = needs.take(105.0)
    assert again is not None
    assert (again.tries, again.first_tried) == (2, 100.0)


def test_a_new_hole_of_a_symbol_that_waits_is_asked_for_at_once_and_keeps_count(needs: Needs):
    needs.want(Need(1, 0, 10))
    need = needs.take(100.0)
    assert need is not None
    need.tries, need.first_tried = 2, 100.0
    needs.again(need, 100.0, 5.0)
    needs.want(Need(1, 50, 60))
    both = needs.take(100.0)
    assert both is not None
    assert (both.since_ms, both.until_ms, both.tries, both.first_tried) == (0, 60, 2, 100.0)


def test_waits_grow_to_ten_seconds():
    assert [wait_after(tries) for tries in (1, 2, 3, 4, 20)] == [2.0, 5.0, 10.0, 10.0, 10.0]
