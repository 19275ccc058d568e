"""Many actors on one thread: pykka's semantics without an OS thread each.

A `Worker` is one thread with one first-in first-out queue. What waits in it is either an envelope for one actor,
which goes through pykka's own receive loop (so failure, reply and stop stay pykka's), or a `Job` for many actors.
Order per sender holds because there is one queue, and an actor handles one thing at a time because there is one thread.
"""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Protocol, Self, cast

import pykka
from pykka import ThreadingFuture

from actors.heartbeat import Heartbeat
from errors import SignalsError

LOOK_S = 1.0
"""How long who waits for a worker takes it for granted that it lives."""


class Job(Protocol):
    """Work on many actors in one go; it must not let an exception out."""

    def run(self) -> None:
        """Do it, on the worker's thread."""
        ...


_here = threading.local()
"""`_here.worker` is the worker whose thread this is."""


class Worker:
    """One thread that serves many actors in the order things were put."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._stopped = False
        self.heartbeat = Heartbeat(name, self._queue.qsize)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def put(self, job: Job) -> None:
        """Add work at the end of the queue; from any thread."""
        self._queue.put(job)

    def wait_for(self, came: Callable[[float], bool]) -> None:
        """Wait for what only this worker brings, unless it is stopped. On another thread.

        `came(timeout_s)` waits so long, and tells whether it came. Raises: SignalsError when the worker's thread died,
        so that nothing will ever come.
        """
        while not came(LOOK_S) and not self._stopped:
            if not self.is_alive and not came(0):
                raise SignalsError(f"the thread {self._thread.name!r} died; the log says why")

    def stop(self, timeout_s: float = 5.0) -> bool:
        """End after everything that waits now; True when the thread has ended."""
        self._queue.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def serve_until(self, done: threading.Event, timeout_s: float | None) -> bool:
        """Serve others while one actor of this thread waits for an answer; True when `done` was set in time."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not done.is_set():
            try:
                job = self._queue.get(timeout=None if deadline is None else max(0.0, deadline - time.monotonic()))
            except Empty:
                return done.is_set()
            if job is None:
                self._queue.put(None)
                return done.is_set()
            job.run()
            self.heartbeat.beats += 1
        return True

    def _serve(self) -> None:
        _here.worker = self
        get, heartbeat = self._queue.get, self.heartbeat
        while (job := get()) is not None:
            job.run()
            heartbeat.beats += 1
        self._stopped = True


class PooledActor(pykka.Actor):
    """A pykka actor that shares its worker's thread; it must never block.

    An `ask` from one actor to another on the same thread works: the queue is served meanwhile, jobs included. An actor
    that is asked while it waits itself answers afterwards, so two that ask each other wait for ever, as with threads.
    """

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self._busy = False
        self._inbox = cast("_Inbox", self.actor_inbox)
        self._inbox.bind(self, worker)

    @classmethod
    def launch(cls, *arguments: Any) -> Self:
        """Start one, and return the actor itself rather than its ref: jobs on its worker's thread call it directly."""
        return cast("Self", cast("_Inbox", cls.start(*arguments).actor_inbox).actor)

    @staticmethod
    def _create_actor_inbox() -> "_Inbox":
        return _Inbox()

    @staticmethod
    def _create_future() -> "PooledFuture":
        return PooledFuture()

    def _start_actor_loop(self) -> None:
        self._worker.put(_Start(self))

    def receive(self) -> None:
        """Handle what was laid in the inbox, by pykka's own loop. On the worker's thread."""
        if self._busy:
            return  # it is waiting for an answer: its loop, further up this stack, takes the envelope afterwards
        self._busy = True
        try:
            self._actor_loop_running()
        except _InboxEmptyError:
            pass
        finally:
            self._busy = False
        if self.actor_stopped.is_set():
            self._actor_loop_teardown()

    def fail(self) -> None:
        """End as pykka ends an actor that raised: for a job, in its handler of this actor's exception."""
        if self.actor_stopped.is_set():
            return  # a row from before its end was known; why it ended has been told
        self._handle_failure(*sys.exc_info())
        try:
            self.on_failure(*sys.exc_info())
        except Exception:  # noqa: BLE001 - pykka's own contract for on_failure: logged, never raised
            self._handle_failure(*sys.exc_info())


class PooledFuture(ThreadingFuture[Any]):
    """A future whose `get`, on a worker's own thread, serves the worker's queue meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._done = threading.Event()
        self._served_meanwhile: list[Worker] = []
        """Workers whose thread waits for this."""

    def set(self, value: Any = None) -> None:
        super().set(value)
        self._wake()

    def set_exception(self, exc_info: Any = None) -> None:
        super().set_exception(exc_info)
        self._wake()

    def get(self, *, timeout: float | None = None) -> Any:
        worker: Worker | None = getattr(_here, "worker", None)
        if worker is not None and self._get_hook is None:
            self._served_meanwhile.append(worker)
            if not worker.serve_until(self._done, timeout):
                raise pykka.Timeout(f"{timeout} seconds")
        return super().get(timeout=timeout)

    def _wake(self) -> None:
        """A worker that serves its queue meanwhile looks at what it waits for after each job: give it one."""
        self._done.set()
        for worker in self._served_meanwhile:
            worker.put(_NOTHING)


class _Nothing:
    """A job that only takes its turn."""

    __slots__ = ()

    def run(self) -> None:
        """Nothing is to be done."""


_NOTHING = _Nothing()


class _InboxEmptyError(Exception):
    """Pykka's receive loop is left until the next envelope comes."""


class _Inbox:
    """What senders put goes to the worker's queue; what pykka's loop gets is what the worker laid here."""

    def __init__(self) -> None:
        self._laid: deque[Any] = deque()

    def bind(self, actor: PooledActor, worker: Worker) -> None:
        """Pykka makes the inbox before the actor knows its worker."""
        self.actor, self._worker = actor, worker

    def put(self, envelope: Any, /) -> None:
        self._worker.put(_Delivery(self.actor, self._laid, envelope))

    def get(self) -> Any:
        if not self._laid:
            raise _InboxEmptyError
        return self._laid.popleft()

    def empty(self) -> bool:
        return not self._laid


class _Delivery:
    """One envelope on its way to one actor."""

    __slots__ = ("_actor", "_envelope", "_laid")

    def __init__(self, actor: PooledActor, laid: deque[Any], envelope: Any) -> None:
        self._actor, self._laid, self._envelope = actor, laid, envelope

    def run(self) -> None:
        self._laid.append(self._envelope)
        self._actor.receive()


class _Start:
    """An actor's first turn: `on_start`, before any message."""

    __slots__ = ("_actor",)

    def __init__(self, actor: PooledActor) -> None:
        self._actor = actor

    def run(self) -> None:
        try:
            self._actor._actor_loop_setup()  # noqa: SLF001 - pykka's hook, called where its loop would
        except BaseException:  # noqa: BLE001 - SystemExit, which would end an actor's own thread, must not end the pool's
            self._actor.fail()
