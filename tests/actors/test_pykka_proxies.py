"""What pykka documents of proxies, futures and its registry, held against its own actors and PooledActor alike."""

from collections.abc import Callable
from queue import Full
from typing import Any

import pykka
import pytest
from pykka import ActorDeadError, ActorRegistry

from tests.actors.runtimes import WAIT_S, Diarist, Diary, Gate, Runtime, exit_now, fail

# --- proxies -------------------------------------------------------------------------------------------------------


@pykka.traversable
class Shelf:
    def __init__(self) -> None:
        self.books = 3

    def add(self, books: int) -> int:
        self.books += books
        return self.books


class Library(Diarist):
    """Something with attributes and methods."""

    town = "Pune"
    shelf = Shelf()

    def lend(self, title: str, *, days: int = 14) -> str:
        self.diary.write(title)
        return f"{title} for {days} days"

    def burn(self) -> None:
        raise OSError("fire")


@pytest.fixture
def library(runtime: Runtime, diary: Diary) -> pykka.ActorProxy[Any]:
    return runtime.start(Library, diary=diary, shelf=Shelf()).proxy()


def test_a_proxy_reads_an_attribute_as_a_future(library: Any):
    assert library.town.get(timeout=WAIT_S) == "Pune"


def test_a_proxy_sets_an_attribute(library: Any):
    library.town = "Nashik"
    assert library.town.get(timeout=WAIT_S) == "Nashik"


def test_a_proxy_calls_a_method_with_all_its_arguments(library: Any):
    assert library.lend("Dune", days=7).get(timeout=WAIT_S) == "Dune for 7 days"


def test_a_proxy_defers_a_call_without_an_answer(library: Any, diary: Diary):
    assert library.lend.defer("Emma") is None
    diary.wait_for("Emma")


def test_a_call_through_a_proxy_that_raises_gives_the_exception_and_the_actor_lives(library: Any):
    with pytest.raises(OSError, match="fire"):
        library.burn().get(timeout=WAIT_S)
    assert library.town.get(timeout=WAIT_S) == "Pune"


def test_a_deferred_call_that_raises_ends_the_actor(library: Any, diary: Diary):
    library.burn.defer()
    diary.wait_for(("on_failure", OSError, "fire", True))
    assert not library.actor_ref.is_alive()


def test_a_proxy_goes_through_an_attribute_marked_for_it(library: Any):
    assert library.shelf.books.get(timeout=WAIT_S) == 3
    assert library.shelf.add(2).get(timeout=WAIT_S) == 5


def test_a_proxy_knows_what_its_actor_lacks_and_keeps_private_names_private(library: Any):
    with pytest.raises(AttributeError, match="no attribute 'cinema'"):
        _ = library.cinema
    assert "_actor_ref" not in [name for name in dir(library) if name not in vars(library)]


def test_calls_through_a_proxy_and_messages_keep_their_order(library: Any, diary: Diary):
    library.actor_ref.tell("first")
    library.lend("second")
    library.actor_ref.tell("third")
    library.actor_ref.stop(timeout=WAIT_S)
    assert diary.lines() == ["on_start", "first", "second", "third", "on_stop"]


def test_two_proxies_of_one_actor_are_equal(library: Any):
    assert library.actor_ref.proxy() == library
    assert hash(library.actor_ref.proxy()) == hash(library)


# --- futures -------------------------------------------------------------------------------------------------------


def test_futures_can_be_worked_with_before_they_are_there(runtime: Runtime, diary: Diary):
    ref = runtime.start(Diarist, diary=diary)
    gate = Gate()
    ref.tell(gate)
    numbers = ref.ask(lambda _: [1, 2, 3, 4], block=False)
    words: list[pykka.Future[Any]] = [
        numbers.map(len),
        numbers.filter(lambda number: number % 2 == 0),
        numbers.reduce(lambda total, number: total + number, 0),
        numbers.join(ref.ask(lambda _: "there", block=False)),
    ]
    gate.open()
    assert list(pykka.get_all(words, timeout=WAIT_S)) == [4, [2, 4], 10, [[1, 2, 3, 4], "there"]]


def test_futures_made_of_others_work_inside_an_actor(runtime: Runtime, diary: Diary):
    other = runtime.start(Diarist, diary=diary, name="other")
    ref = runtime.start(Diarist, diary=diary)

    def ask_and_count(_: Any) -> int:
        return other.ask("this", block=False).map(len).get(timeout=WAIT_S)

    assert ref.ask(ask_and_count, timeout=WAIT_S) == len("other took this")


def test_a_future_is_set_once(runtime: Runtime):
    future = runtime.future()
    future.set("once")
    with pytest.raises(Full):
        future.set("twice")
    with pytest.raises(Full):
        future.set_exception((ValueError, ValueError(), None))
    assert future.get() == "once"


def test_a_future_of_an_exception_raises_it_each_time(runtime: Runtime):
    future = runtime.future()
    try:
        fail(None)
    except ValueError:
        future.set_exception()
    for _ in range(2):
        with pytest.raises(ValueError, match="as told"):
            future.get()


def test_a_future_gives_up_in_time(runtime: Runtime):
    with pytest.raises(pykka.Timeout):
        runtime.future().get(timeout=0)


def test_a_future_with_a_hook_asks_it_once(runtime: Runtime):
    asked: list[Any] = []
    future = runtime.future()

    def hook(timeout: float | None) -> str:
        asked.append(timeout)
        return "hooked"

    future.set_get_hook(hook)
    assert [future.get(timeout=3), future.get()] == ["hooked", "hooked"]
    assert asked == [3]


# --- registry ------------------------------------------------------------------------------------------------------


def test_the_registry_finds_actors_by_class_and_by_name(runtime: Runtime, diary: Diary):
    class Librarian(Diarist):
        pass

    diarists = runtime.actor_class(Diarist, diary=diary)
    librarians = type("Librarian", (Librarian, diarists), {})
    one, two = runtime.start_class(diarists), runtime.start_class(librarians)
    assert ActorRegistry.get_by_class(diarists) == [one, two]
    assert ActorRegistry.get_by_class(librarians) == [two]
    assert ActorRegistry.get_by_class_name("Librarian") == [two]
    assert {one, two} <= set(ActorRegistry.get_all())
    two.stop(timeout=WAIT_S)
    assert ActorRegistry.get_by_class_name("Librarian") == []


def test_the_registry_tells_all_of_a_class(runtime: Runtime, diary: Diary):
    actor_class = runtime.actor_class(Diarist, diary=diary)
    refs = [runtime.start_class(actor_class) for _ in range(3)]
    ActorRegistry.broadcast("all of you", actor_class)
    for ref in refs:
        ref.stop(timeout=WAIT_S)
    assert diary.lines().count("all of you") == 3


def test_the_registry_stops_all_last_started_first(runtime: Runtime, diary: Diary):
    class Named(Diarist):
        def on_stop(self) -> None:
            self.diary.write(self.name)

    for name in "abc":
        runtime.start(Named, diary=diary, name=name)
    assert ActorRegistry.stop_all(timeout=WAIT_S) == [True, True, True]
    assert diary.lines()[-3:] == ["c", "b", "a"]
    assert ActorRegistry.get_all() == []


@pytest.mark.parametrize("leave", [SystemExit, KeyboardInterrupt])
def test_system_exit_in_one_actor_stops_all(runtime: Runtime, diary: Diary, leave: type[BaseException]):
    def go(_: Any) -> None:
        raise leave

    refs = [runtime.start(Diarist, diary=diary) for _ in range(3)]
    refs[1].tell(go)
    for ref in refs:
        assert ref.actor_stopped.wait(WAIT_S)
    assert ActorRegistry.get_all() == []


def test_what_waited_behind_system_exit_is_answered(runtime: Runtime, diary: Diary):
    gate = Gate()
    ref = runtime.start(Diarist, diary=diary)
    ref.tell(gate)
    ref.tell(exit_now)
    answer: Callable[..., Any] = ref.ask("behind", block=False).get
    gate.open()
    with pytest.raises(ActorDeadError):
        answer(timeout=WAIT_S)
