"""When whoever waits for the repairs hears of them."""

import pytest

from actors.messages import HealthMessage, HistoryStatus
from tests.factories import ClockByHand, Told
from warmup.needs import Need, Needs
from warmup.progress import SPEAK_S, Progress


class Waiting:
    """Somebody who waits for the repairs of five symbols, of which some want history."""

    def __init__(self, *wanting: int) -> None:
        self.heard: list[int] = []
        self.clock = ClockByHand()
        self.health: Told[HealthMessage] = Told()
        self.needs = Needs(lambda _: ())
        for key in wanting:
            self.needs.want(Need(key, 0, 60_000))
        self.progress = Progress(5, self.needs, self.clock, self.health, self.heard.append, 90)

    def answer(self) -> None:
        need = self.needs.take(self.clock.seconds)
        assert need is not None
        self.needs.done(need)
        self.progress.answers += 1


def test_nothing_is_said_before_it_is_known_who_wants_history():
    waiting = Waiting()
    waiting.progress.speak_once()
    assert waiting.heard == []
    waiting.progress.is_planned = True
    waiting.progress.speak_once()
    assert waiting.heard == [0]


def test_it_is_said_once_when_the_last_symbol_has_its_history():
    waiting = Waiting(1, 2)
    waiting.progress.is_planned = True
    for _ in range(2):
        waiting.progress.speak_once()
        assert waiting.heard == []
        waiting.answer()
    for _ in range(3):
        waiting.progress.speak_once()
    assert waiting.heard == [0]


@pytest.mark.parametrize(("is_planned", "left"), [(True, 2), (False, 5)])
def test_after_a_while_it_is_said_all_the_same_with_the_number_of_those_who_still_wait(is_planned: bool, left: int):  # noqa: FBT001
    waiting = Waiting(1, 2)
    waiting.progress.is_planned = is_planned
    waiting.clock.pass_ms(round(SPEAK_S * 1000))
    waiting.progress.speak_once()
    assert waiting.heard == [left]


def test_health_hears_how_long_it_takes_at_the_pace_so_far():
    waiting = Waiting(1, 2, 3)
    waiting.answer()
    waiting.clock.pass_ms(500)
    waiting.progress.tell("")
    assert waiting.health == [HistoryStatus(2, 1.0, "")]
