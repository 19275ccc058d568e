"""All that is durable: bars, transitions, machines, deliveries."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from loguru import logger

from actors.heartbeat import Heartbeat
from actors.messages import ChannelStatus, HealthMessage, MachineRow, Raised, Ref
from actors.tell import tell_if_alive
from errors import StorageError
from market.bar import Bar
from market.clock import Clock
from market.days import start_of_day
from market.sessions import DAY_MS
from signals.record import to_json
from store import bars as bar_rows
from store import days as day_rows
from store import history, outbox, pruning
from store.database import make_private_directory, open_for_writing, remove
from store.deliveries import Mark, PendingDelivery
from store.lock import DirectoryLock
from store.writer import Writer

FILE_NAME = "bellwether.db"
_STEP_S = 60.0
"""A disk that has not taken a step of pruning by then is left alone until the next night."""


def _nobody_asked() -> None:
    pass


def _kept_on(day: date, kept_since: Mapping[str, int]) -> list[str]:
    """Symbols whose bars of a day stay."""
    end_ms = start_of_day(day) + DAY_MS
    return [symbol for symbol, since_ms in kept_since.items() if since_ms < end_ms]


class Store:
    """One SQLite file with one writing thread; every reader opens a short-lived connection of its own.

    Writing methods return at once and may be called from any thread; what one thread writes is committed in its order.
    """

    def __init__(
        self, directory: Path, clock: Clock, health: Ref[HealthMessage] | None = None, *, anew: bool = False
    ) -> None:
        """With `anew` whatever an earlier run left in the directory is deleted at the start."""
        self._directory = directory
        self._path = directory / FILE_NAME
        self._clock = clock
        self._health = health
        self._anew = anew
        self._lock = DirectoryLock(directory)
        self._writer: Writer | None = None

    def start(self) -> None:
        """Take the directory, check the file, begin to write.

        Raises: StorageError when it cannot be used, BusyError when another run has it.
        """
        make_private_directory(self._directory)
        self._lock.take()
        stamp = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        try:
            if self._anew:
                remove(self._path)
            connection, aside = open_for_writing(self._path, stamp)
        except StorageError:
            self._lock.release()
            raise
        if aside is not None:
            text = f"the database was damaged; it was moved to {aside} and a new one begun"
            logger.error(text)
            self._tell(ChannelStatus("store", ok=False, detail=text))
        self._writer = Writer(connection, self._tell)
        self._writer.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Commit what waits and close. Raises: StorageError when something could not be committed in that time."""
        try:
            self._begun.stop(timeout_s)
        finally:
            self._lock.release()

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was written before is on the disk; whether it is, in that time."""
        return self._begun.flush(timeout_s)

    @property
    def is_alive(self) -> bool:
        """Whether it still writes."""
        return self._begun.is_alive

    @property
    def heartbeat(self) -> Heartbeat:
        """The writing thread's."""
        return self._begun.heartbeat

    def write_bars(self, bars: Sequence[tuple[str, Bar]]) -> None:
        """Closed bars with their symbols: inserted, or in place of the one with the same symbol and start."""
        self._begun.submit(lambda connection: bar_rows.write_bars(connection, bars), _nobody_asked)

    def write_transition(self, raised: Raised, channels: Sequence[str], on_commit: Callable[[], object]) -> None:
        """A transition, its machine and one delivery for each channel, in one commit; a known one changes nothing."""
        transition, machine = raised.transition, raised.machine
        record = to_json(transition)
        row = (machine.symbol, machine.strategy, machine.version, json.dumps(machine.state))
        self._begun.submit(
            lambda connection: outbox.write_transition(
                connection, transition.id, transition.state_id, record, row, channels, self._clock.now_ms()
            ),
            on_commit,
        )

    def write_notice(
        self, identity: str, record: str, channels: Sequence[str], on_commit: Callable[[], object]
    ) -> None:
        """What the program itself has to say, with a delivery for each channel; a known one changes nothing."""
        now_ms = self._clock.now_ms()
        self._begun.submit(
            lambda connection: outbox.write_notice(connection, identity, record, channels, now_ms), on_commit
        )

    def mark(self, channel: str, marks: Sequence[Mark], on_commit: Callable[[], object] = _nobody_asked) -> None:
        """New states of a channel's deliveries."""
        now_ms = self._clock.now_ms()
        self._begun.submit(lambda connection: outbox.write_marks(connection, channel, marks, now_ms), on_commit)

    def set_cooldown(self, name: str, until_ms: int) -> None:
        """Remember over a restart that a channel must be left alone until then, epoch milliseconds UTC."""
        self._begun.submit(lambda connection: outbox.write_cooldown(connection, name, until_ms), _nobody_asked)

    def prune(self, days: Sequence[date], signals_before_ms: int, kept_since: Mapping[str, int] | None = None) -> None:
        """Delete the bars of these days, and the signals committed before then; the file shrinks by what they took.

        `kept_since`: symbols whose bars stay, each from a day of its own on, epoch milliseconds UTC. Waits for it;
        other writes get their turn in between.
        """
        for day in days:
            first = start_of_day(day)
            kept = _kept_on(day, kept_since or {})
            self._step_by_step(partial(pruning.forget_spans, before_ms=first + DAY_MS, kept=kept))
            self._step_by_step(partial(pruning.forget_bars, from_ms=first, until_ms=first + DAY_MS, kept=kept))
        self._step_by_step(partial(pruning.forget_signals, before_ms=signals_before_ms))
        self._step_by_step(pruning.give_back)
        pruning.shrink_log(self._path)

    def days(self) -> list[date]:
        """The exchange's calendar days that have bars, oldest first."""
        return day_rows.days(self._path)

    def would_lose(self, day: date, kept_since: Mapping[str, int]) -> bool:
        """Whether `prune` would take any bar of a day."""
        return day_rows.has_others(self._path, day, _kept_on(day, kept_since))

    def bars_since(self, start_ms: int) -> Iterator[tuple[str, Bar]]:
        """Every bar that starts at or after `start_ms` (epoch milliseconds UTC), by time and then by symbol."""
        return bar_rows.bars_since(self._path, start_ms)

    def bars_of(self, sinces: Mapping[str, int]) -> Iterator[tuple[str, Bar]]:
        """The bars of each symbol from a moment of its own on, by time and then by symbol.

        From the last of these moments (epoch milliseconds UTC) on it is every bar, also of symbols not named.
        """
        return bar_rows.bars_of(self._path, sinces)

    def write_history(self, symbol: str, bars: Sequence[Bar], span: history.Span) -> None:
        """Bars from the broker; with them all that it has of `span` is here."""
        self._begun.submit(lambda connection: history.write_history(connection, symbol, bars, span), _nobody_asked)

    def drop_history(self, symbol: str, before_ms: int) -> None:
        """Forget a symbol's bars before then, epoch milliseconds UTC."""
        self._begun.submit(lambda connection: history.drop_history(connection, symbol, before_ms), _nobody_asked)

    def watch(self, day_ms: int, since_ms: int) -> int:
        """The day that starts at `day_ms` is watched from `since_ms` on, or earlier: returns since when it is."""
        self._begun.submit(lambda connection: history.write_watch(connection, day_ms, since_ms), _nobody_asked)
        return min(since_ms, history.watched_since(self._path, day_ms) or since_ms)

    def history_spans(self) -> dict[str, list[history.Span]]:
        """The spans of each symbol's past that the broker was asked for, oldest first."""
        return history.spans(self._path)

    def symbol_bars(self, symbol: str, since_ms: int) -> list[Bar]:
        """One symbol's bars that start at or after `since_ms`, oldest first."""
        return bar_rows.symbol_bars(self._path, symbol, since_ms)

    def machines(self) -> list[MachineRow]:
        """Every state machine after its last committed transition."""
        return outbox.machines(self._path)

    def transitions(self) -> Iterator[str]:
        """The JSON record of every transition, sent or only recorded, in the order of their commits."""
        return outbox.transitions(self._path)

    def decisions(self, within_ms: int) -> list[tuple[str, bool]]:
        """Record of each transition committed in the last `within_ms`, in order; was it given to any channel?"""
        return outbox.decisions(self._path, self._clock.now_ms() - within_ms)

    def pending(self, channel: str, after: int, limit: int) -> list[PendingDelivery]:
        """The channel's open deliveries with an outbox id above `after`, oldest first."""
        return outbox.pending(self._path, channel, after, limit)

    def delivery_counts(self) -> dict[str, dict[str, int]]:
        """How many deliveries each channel has in each state."""
        return outbox.delivery_counts(self._path)

    def deliveries_since(self, since_ms: int) -> dict[str, dict[str, int]]:
        """How many deliveries of transitions committed since then (epoch milliseconds UTC) are in each state."""
        return outbox.deliveries_since(self._path, since_ms)

    def undelivered(self) -> dict[str, int]:
        """How many deliveries of each channel are neither done nor dead; channels without any are left out."""
        return outbox.undelivered(self._path)

    def last_error(self, channel: str) -> str:
        """Why the channel's newest failed attempt failed, or an empty text."""
        return outbox.last_error(self._path, channel)

    def cooldowns(self) -> dict[str, int]:
        """What `set_cooldown` was told, by name."""
        return outbox.cooldowns(self._path)

    def _step_by_step(self, step: Callable[[sqlite3.Connection], bool]) -> None:
        """Have the writer take one step after the other as long as there are more."""
        answers: list[bool] = [True]
        while answers[-1]:
            self._begun.submit(lambda connection: answers.append(step(connection)), _nobody_asked)
            if not self.flush(_STEP_S):
                return

    @property
    def _begun(self) -> Writer:
        if self._writer is None:
            raise StorageError("the store was not started")
        return self._writer

    def _tell(self, status: ChannelStatus) -> None:
        if self._health is not None:
            tell_if_alive(self._health, status)
