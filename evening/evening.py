"""After the close: the day is archived and reconciled, people are told of it, and what is old leaves the database."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from loguru import logger

from actors.heartbeat import Heartbeat
from delivery.notice import Notice
from errors import CredentialsError, MissingLibraryError, StorageError, UnavailableError
from evening.closing import closing
from evening.command import Run
from evening.reports import forget_reports, has_report, keep_report, kept_summary
from market.bar import MINUTE_MS
from market.clock import Clock
from market.days import day_of, start_of_day
from market.sessions import DAY_MS
from store.archive import archive_path
from store.store import Store

AFTER_CLOSE_MS: Final = 10 * MINUTE_MS
"""By then the broker has the last candle, and the auction is over."""
UNTIL_MS: Final = 8 * 60 * MINUTE_MS
"""After that the morning is near, and the broker's limits are for the next day's warm-up."""
SETTLED_S: Final = 600.0
"""From a start on: asking for holes and history comes first."""
AGAIN_S: Final = 900.0
"""When the broker was out of reach, or wants a new token."""
LOOK_S: Final = 20.0


class Evening:
    """One thread that waits for the close, by the wall clock, and has the work done by processes of low priority."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        last_close: Callable[[int], int | None],
        directory: Path,
        keep_days: int,
        wanted: Callable[[], Mapping[str, int]],
        run: Run,
        announce: Callable[[Notice], None],
        stopping: threading.Event,
    ) -> None:
        """Prepare.

        Args:
            clock: local time.
            store: started, and not stopped before this is.
            last_close: when, on the day a moment falls on, the last instrument that is watched ends its continuous
                trading; None on a day without. Epoch milliseconds UTC.
            directory: of the state.
            keep_days: calendar days that bars and signals stay in the database.
            wanted: since when each symbol's rules want its bars, epoch milliseconds UTC: those stay for longer.
            run: runs a command of this program.
            announce: sends the closing message; one for a day that has had its own changes nothing.
            stopping: set by `stop`; `run` returns early then.
        """
        self._clock, self._store, self._last_close = clock, store, last_close
        self._directory, self._keep_days, self._wanted, self._run = directory, keep_days, wanted, run
        self._announce, self._stopping = announce, stopping
        self._not_before = clock.monotonic() + SETTLED_S
        self._done: date | None = None
        self._closed: date | None = None
        """Day whose closing message is on its way."""
        self._reconciled = ""
        """What came of the last reconciliation, in one sentence."""
        self._told_how_to_archive = False
        self._thread = threading.Thread(target=self._wait, name="evening", daemon=True)
        self.heartbeat = Heartbeat("evening")

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End it, and what it has running."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def look(self) -> None:
        """Do what is due, if anything."""
        day = self._due()
        if day is None or day == self._done or self._clock.monotonic() < self._not_before:
            return
        kept = self._kept(day)
        archived = self._archive(day, kept)
        self._prune(day, archived, kept)
        if self._reconcile(day):
            self._done = day
        else:
            self._not_before = self._clock.monotonic() + AGAIN_S
        if self._closed != day and not self._stopping.is_set():
            self._tell_of(day)
            self._closed = day

    def _wait(self) -> None:
        while not self._stopping.wait(LOOK_S):
            try:
                self.look()
            except (StorageError, OSError) as error:  # a command that cannot even be started, too
                logger.error("the evening's work is put off: {}", error)
                self._not_before = self._clock.monotonic() + AGAIN_S
            self.heartbeat.beat()

    def _due(self) -> date | None:
        """The day whose last close is a little while ago."""
        now = self._clock.now_ms()
        for at_ms in (now, now - DAY_MS):  # the evening of a late close is after midnight
            close = self._last_close(at_ms)
            if close is not None and close + AFTER_CLOSE_MS <= now < close + UNTIL_MS:
                return day_of(at_ms)
        return None

    def _kept(self, day: date) -> dict[str, int]:
        """Symbols whose rules want bars that are older than all others in the database, and since when."""
        oldest_ms = start_of_day(day - timedelta(days=self._keep_days))
        return {symbol: since_ms for symbol, since_ms in self._wanted().items() if since_ms < oldest_ms}

    def _archive(self, day: date, kept: Mapping[str, int]) -> list[date]:
        """Write the day, those that have no file yet, and once more those that are about to leave the database."""
        oldest = day - timedelta(days=self._keep_days)
        archived = []
        for each in self._store.days():
            if self._stopping.is_set():
                break
            if each > day or (oldest <= each < day and archive_path(self._directory, each).exists()):
                continue
            if each < oldest and not self._store.would_lose(each, kept):
                continue
            outcome = self._run("archive", each, ())
            if outcome.code == 0:
                archived.append(each)
            elif outcome.code == MissingLibraryError.exit_code:
                if not self._told_how_to_archive:
                    logger.warning("{}; until then candles stay in the database", outcome.complaint)
                self._told_how_to_archive = True
                break
            elif not self._stopping.is_set():
                logger.error("archive of {}: {}", each, outcome.complaint)
        return archived

    def _prune(self, day: date, archived: Sequence[date], kept: Mapping[str, int]) -> None:
        oldest = day - timedelta(days=self._keep_days)
        try:
            self._store.prune(
                [each for each in archived if each < oldest], self._clock.now_ms() - self._keep_days * DAY_MS, kept
            )
        except StorageError as error:
            logger.warning("what is old stays in the database until tomorrow: {}", error)
        forget_reports(self._directory, oldest)

    def _tell_of(self, day: date) -> None:
        """Send the closing message of a day that was watched; however the comparison went, it does not wait for it."""
        if day not in self._store.days():
            return
        store, since = self._store, start_of_day(day)
        now = self._clock.now_ms()
        self._announce(closing(day, now, store.decisions(now - since), store.deliveries_since(since), self._reconciled))

    def _reconcile(self, day: date) -> bool:
        """Whether it is done for that day, well or not; False when a later try may succeed."""
        if has_report(self._directory, day):
            self._reconciled = self._compared(day)
            return True
        outcome = self._run("reconcile", day, ("--json",))
        if outcome.code == 0:
            keep_report(self._directory, day, outcome.output)
            self._reconciled = self._compared(day)
            logger.info("reconcile: {}", self._reconciled)
            return True
        self._reconciled = f"not compared with the broker's: {outcome.complaint}"
        if not self._stopping.is_set():
            logger.warning("reconcile: not done: {}", outcome.complaint)
        return outcome.code not in {UnavailableError.exit_code, CredentialsError.exit_code}

    def _compared(self, day: date) -> str:
        return kept_summary(self._directory, day) or "the report of the comparison cannot be read"
