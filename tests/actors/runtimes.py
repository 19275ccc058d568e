"""Two ways of running actors, and actors that write down what is done to them."""

import threading
from collections import deque
from typing import Any

import pykka
from pykka import ActorRegistry

from actors.pool import PooledActor, PooledFuture, Worker

WAIT_S = 10.0
"""Generous: a test that waits this long has failed."""


class Runtime:
    """One way of running actors."""

    def __init__(self, name: str) -> None:
        self.worker = Worker("runtime") if name == "pooled" else None
        self.base: type[pykka.Actor] = PooledActor if self.worker else pykka.ThreadingActor
        self.future: type[pykka.Future[Any]] = PooledFuture if self.worker else pykka.ThreadingFuture
        if self.worker:
            self.worker.start()

    def actor_class(self, behaviour: type, **attributes: Any) -> type[pykka.Actor]:
        """An actor of this runtime that behaves so; the attributes are the class's."""
        return type(behaviour.__name__, (behaviour, self.base), attributes)

    def start(self, behaviour: type, **attributes: Any) -> pykka.ActorRef[Any]:
        return self.start_class(self.actor_class(behaviour, **attributes))

    def start_class(self, actor_class: type[pykka.Actor]) -> pykka.ActorRef[Any]:
        return actor_class.start(self.worker) if self.worker else actor_class.start()

    def end(self) -> None:
        ActorRegistry.stop_all(timeout=WAIT_S)
        if self.worker:
            assert self.worker.stop(WAIT_S)


class Diary:
    """What happened to actors, in order; a reader may wait for a line."""

    def __init__(self) -> None:
        self._lines: deque[Any] = deque()
        self._written = threading.Condition()

    def write(self, line: Any) -> None:
        with self._written:
            self._lines.append(line)
            self._written.notify_all()

    def lines(self) -> list[Any]:
        return list(self._lines)

    def wait_for(self, line: Any) -> None:
        with self._written:
            assert self._written.wait_for(lambda: line in self._lines, WAIT_S), f"{line} is not in {self._lines}"


class Diarist:
    """Writes down what is done to it; a message that can be called is called, with the actor."""

    diary: Diary
    name = "actor"

    def on_start(self) -> None:
        self.diary.write("on_start")

    def on_stop(self) -> None:
        self.diary.write("on_stop")

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
        self.diary.write(("on_failure", exception_type, str(exception_value), traceback is not None))

    def on_receive(self, message: Any) -> Any:
        if callable(message):
            return message(self)
        self.diary.write(message)
        return f"{self.name} took {message}"


def fail(_: Any) -> None:
    raise ValueError("as told")


def exit_now(_: Any) -> None:
    raise SystemExit


class Gate:
    """A message that holds its actor until the test opens it."""

    def __init__(self) -> None:
        self.entered, self._opened = threading.Event(), threading.Event()

    def __call__(self, _: Any) -> None:
        self.entered.set()
        assert self._opened.wait(WAIT_S)

    def open(self) -> None:
        self._opened.set()
