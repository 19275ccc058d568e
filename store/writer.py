"""The one thread that writes to the database."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from loguru import logger

from actors.heartbeat import Heartbeat
from actors.messages import ChannelStatus
from errors import StorageError

_MOST_IN_ONE_COMMIT = 2000
_RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of writing, and who wants to know that it is on the disk."""

    write: Callable[[sqlite3.Connection], object]
    on_commit: Callable[[], object]
    """Called on the writer's thread; must be quick and must not raise."""


class Writer:
    """Commits what waits in one transaction: a lone job at once, a burst together.

    A commit that fails (disk full, I/O error) is tried again every second until it succeeds, and told; nothing is
    dropped. Damage to the file ends the thread: a restart moves the file aside.
    """

    def __init__(self, connection: sqlite3.Connection, tell: Callable[[ChannelStatus], None]) -> None:
        self._connection = connection
        self._tell = tell
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._uncommitted = 0
        self._trouble = "the disk does not answer"
        """Why the last commit failed."""
        self._refusal: str | None = None
        """Why no more is taken."""
        self.heartbeat = Heartbeat("store", lambda: self._queue.qsize() + self._uncommitted)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it still writes."""
        return self._thread.is_alive()

    def submit(self, write: Callable[[sqlite3.Connection], object], on_commit: Callable[[], object]) -> None:
        """Put a piece of writing at the end of the queue; from any thread. Raises: StorageError once it ended."""
        if self._refusal is not None:
            raise StorageError(self._refusal)
        self._queue.put(Job(write, on_commit))

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was submitted before is on the disk; whether it is, in that time."""
        committed = threading.Event()
        self.submit(lambda _connection: None, committed.set)
        return committed.wait(timeout_s)

    def stop(self, timeout_s: float) -> None:
        """Commit what waits and end. Raises: StorageError when something could not be committed in that time."""
        self._refusal = self._refusal or "the store is stopped"
        self._queue.put(None)
        self._thread.join(timeout_s)
        self._given_up.set()
        self._thread.join(_RETRY_S)
        left = self._uncommitted + self._waiting()
        if left:
            raise StorageError(f"{left} writes were not committed: {self._trouble}")

    def _run(self) -> None:
        ending = False
        while not ending:
            jobs = self._take()
            ending = jobs[-1] is None
            batch = [job for job in jobs if job is not None]
            self._uncommitted = len(batch)
            if batch and not self._commit(batch):
                break
            self._uncommitted = 0
            for job in batch:
                self._confirm(job)
            self.heartbeat.beat()
        self._connection.close()

    def _waiting(self) -> int:
        jobs = 0
        while True:
            try:
                jobs += self._queue.get_nowait() is not None
            except Empty:
                return jobs

    def _take(self) -> list[Job | None]:
        """All that waits, at least one; None is the end and comes last."""
        jobs = [self._queue.get()]
        while jobs[-1] is not None and len(jobs) < _MOST_IN_ONE_COMMIT:
            try:
                jobs.append(self._queue.get_nowait())
            except Empty:
                break
        return jobs

    def _commit(self, batch: list[Job]) -> bool:
        """Whether the batch is on the disk: False only when the file is damaged or time is up."""
        failing = False
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for job in batch:
                    job.write(self._connection)
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._roll_back()
                if not failing:
                    logger.error("the database cannot be written ({}); {} writes wait for it", error, len(batch))
                    self._say(f"cannot be written: {error}; nothing is lost, it is tried again every second")
                failing, self._trouble = True, str(error)
                self.heartbeat.beat()
                if self._given_up.wait(_RETRY_S):
                    return False
            except (sqlite3.Error, OverflowError) as error:
                self._trouble = str(error)
                self._refusal = f"the database took no more: {error}; a restart moves it aside if it is damaged"
                logger.critical(self._refusal)
                self._say(self._refusal)
                return False
            else:
                if failing:
                    logger.warning("the database can be written again")
                    self._say("can be written again", ok=True)
                return True

    def _say(self, detail: str, *, ok: bool = False) -> None:
        self._tell(ChannelStatus("store", ok, detail))

    def _roll_back(self) -> None:
        # SQLite has undone the transaction by itself after some errors, and may be unable to after others: the next
        # BEGIN then fails too, and comes here again.
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                logger.warning("rolling back failed: {}", error)

    def _confirm(self, job: Job) -> None:
        try:
            job.on_commit()
        except Exception:  # noqa: BLE001 - the caller's fault must not take the store down with it
            logger.exception("a store's caller failed when it was told of its commit")
