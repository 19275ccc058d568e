"""Brings the committed alerts of one channel to its destination, and keeps book of it in the store."""

import threading
from dataclasses import replace
from random import Random

from loguru import logger

from actors.heartbeat import Heartbeat
from actors.messages import ChannelStatus, HealthMessage, Ref
from delivery.deadline import Deadline
from delivery.destination import Destination, attempt
from delivery.pace import Pace
from delivery.retry import Outcome, Verdict, delay_s
from delivery.standing import Standing
from delivery.waiting import Waiting, WaitingList, best_first, exits_first
from errors import StorageError
from market.clock import Clock
from store.deliveries import DeliveryState, Mark
from store.store import Store

SEND_LIMIT_S = 20.0
OVERDUE_MS = 600_000
"""An alert that waited longer than this for its channel is history: it goes into a digest that says so."""

_MOST_WAITING = 2000
_NAMED = 5
"""Alerts named in a complaint; the rest is counted."""
_BEAT_S = 1.0
_TURN_S = 5.0
"""Longest sleep of the thread, so that its heartbeat goes on."""


class Channel:
    """One thread for one destination; whatever happens to it, the others do not notice.

    The store's delivery table is its queue: what is committed is found there, now or after a restart. A row is marked
    SENDING before the send and DONE after it, so a crash in between leaves a trace, and the alert is sent again with
    "(possible repeat)". At most one send is under way, hence at most one message is repeated by a crash.
    """

    def __init__(
        self,
        name: str,
        destination: Destination,
        store: Store,
        clock: Clock,
        health: Ref[HealthMessage],
        send_limit_s: float = SEND_LIMIT_S,
    ) -> None:
        self.name = name
        self.sent = 0
        """Alerts that arrived since the start."""
        self.gave_up = 0
        """Alerts the other side refused for good since the start."""
        self._destination = destination
        self._store = store
        self._clock = clock
        self._standing = Standing(name, health)
        self._waiting = WaitingList()
        self.heartbeat = Heartbeat(f"channel {name}", self._waiting.__len__)
        self._pace = Pace(destination.manners.spacing_s, destination.manners.per_minute)
        self._deadline = Deadline(f"send {name}", send_limit_s, self.heartbeat.beat)
        self._random = Random()  # noqa: S311 - spreads retries, protects nothing
        self._taken = 0
        """Outbox id up to which the store's rows are in the waiting list."""
        self._paused_until = 0.0
        self._burst_since: float | None = None
        self._wake = threading.Event()
        self._ending_at: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"channel {name}", daemon=True)

    def start(self) -> None:
        """Begin with what an earlier run left, then whatever comes. The store must have been started."""
        until_ms = self._store.cooldowns().get(self._cooldown_name, 0)
        # A clock that was set back must not keep a channel silent for long.
        left_s = min((until_ms - self._clock.now_ms()) / 1000, 3600.0)
        self._paused_until = self._clock.monotonic() + left_s
        self._thread.start()

    def wake(self) -> None:
        """There may be something new in the store; from any thread."""
        self._wake.set()

    def finish(self, within_s: float) -> None:
        """Send what can be sent in that time and then end; what cannot stays in the store. Returns at once."""
        self._ending_at = self._clock.monotonic() + within_s
        self._wake.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end after `finish`; True when the thread has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def announces(self) -> bool:
        """Whether it takes notices."""
        return self._destination.manners.announces

    @property
    def pending(self) -> int:
        """Alerts that are on their way."""
        return len(self._waiting)

    def status(self) -> ChannelStatus:
        """Whether the last attempt succeeded, and what became of it."""
        return self._standing.status

    def step(self) -> float | None:
        """One turn: take what is new, send once if it is time. Returns the seconds until the next turn is useful.

        None is: when there is news, and for a channel that is ending: never.
        """
        self._take_new()
        now = self._clock.monotonic()
        if now < self._paused_until:
            return None if self._ending else self._paused_until - now
        ready = self._waiting.ready(now)
        if not ready:
            self._burst_since = None
            return None if self._ending else self._waiting.next_due(now)
        wait_s = self._pace.wait_s(now)
        if wait_s > 0:
            return wait_s
        batch = self._choose(ready, now)
        if not batch:
            return self._destination.manners.gather_s - (now - (self._burst_since or now))
        self._deliver(batch)
        return 0.0

    @property
    def _ending(self) -> bool:
        return self._ending_at is not None

    @property
    def _cooldown_name(self) -> str:
        return f"channel {self.name}"

    def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                delay_s = self.step()
            except StorageError as error:
                if self._ending_at is not None and self._clock.monotonic() >= self._ending_at:
                    return  # nobody waits any more, and the store has closed meanwhile
                logger.error("channel {}: {}", self.name, error)
                delay_s = 1.0
            self.heartbeat.beat()
            if self._ending_at is not None and (
                delay_s is None or self._clock.monotonic() + delay_s >= self._ending_at
            ):
                return
            self._wake.wait(_TURN_S if delay_s is None else min(delay_s, _TURN_S))

    def _take_new(self) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            return
        for row in self._store.pending(self.name, self._taken, _MOST_WAITING):
            self._taken = row.outbox_id
            try:
                self._waiting.add(Waiting.from_row(row))
            except ValueError as error:
                logger.error("channel {}: outbox row {} cannot be sent: {}", self.name, row.outbox_id, error)
                self._store.mark(self.name, [Mark(row.outbox_id, DeliveryState.DEAD, row.attempts, str(error))])

    def _choose(self, ready: list[Waiting], now: float) -> list[Waiting]:
        """What goes into the next send; nothing while a burst is being gathered."""
        manners = self._destination.manners
        if manners.exits_first:
            ready = exits_first(ready)
        ready = best_first(ready)
        overdue = [waiting for waiting in ready if waiting.is_overdue(self._clock.now_ms(), OVERDUE_MS)]
        if overdue:
            return overdue[: manners.together]
        if len(ready) <= manners.singly_up_to:
            self._burst_since = None
            return ready[:1]
        if self._burst_since is None:
            self._burst_since = now
        if now - self._burst_since < manners.gather_s and not self._ending:
            return []
        return ready[: manners.together]

    def _deliver(self, batch: list[Waiting]) -> None:
        for waiting in batch:
            waiting.attempts += 1
        if not self._commit([waiting.mark(DeliveryState.SENDING) for waiting in batch]):
            return
        alerts = [waiting.alert for waiting in batch]
        following = len(self._waiting) - len(batch)
        self._pace.sent(self._clock.monotonic())
        outcome = self._deadline.call(lambda: attempt(self._destination, alerts, following))
        match outcome.verdict:
            case Verdict.SENT:
                self._arrived(batch)
            case Verdict.RETRY:
                self._postpone(batch, outcome)
            case Verdict.REFUSED:
                self._give_up(batch, outcome)

    def _commit(self, marks: list[Mark]) -> bool:
        """Whether the marks are on the disk; False only when the channel is ending and they are not in time."""
        committed = threading.Event()
        self._store.mark(self.name, marks, committed.set)
        while not committed.wait(_BEAT_S):
            self.heartbeat.beat()
            if self._ending_at is not None and self._clock.monotonic() >= self._ending_at:
                return False
        return True

    def _arrived(self, batch: list[Waiting]) -> None:
        # Not waited for: the next SENDING stands behind it in the store's queue.
        self._store.mark(self.name, [waiting.mark(DeliveryState.DONE) for waiting in batch])
        for waiting in batch:
            self._waiting.remove(waiting)
        self.sent += len(batch)
        self._standing.arrived(self.sent)

    def _postpone(self, batch: list[Waiting], outcome: Outcome) -> None:
        now = self._clock.monotonic()
        marks = []
        for waiting in batch:
            waiting.due = now + delay_s(waiting.attempts, self._random)
            if outcome.may_have_arrived:
                waiting.alert = replace(waiting.alert, repeat=True)
            # Once in doubt, always in doubt, over a restart too.
            state = DeliveryState.UNKNOWN if waiting.alert.repeat else DeliveryState.RETRY
            marks.append(waiting.mark(state, outcome.detail))
        self._store.mark(self.name, marks)
        self._paused_until = now + self._standing.failed(outcome.detail, outcome.pause_s)
        if outcome.pause_s is not None:
            # A little later than asked, lest every channel of ours come back in the same moment.
            self._paused_until += self._random.uniform(0.0, 1.0)
            left_s = self._paused_until - now
            self._store.set_cooldown(self._cooldown_name, self._clock.now_ms() + round(left_s * 1000))

    def _give_up(self, batch: list[Waiting], outcome: Outcome) -> None:
        self._store.mark(self.name, [waiting.mark(DeliveryState.DEAD, outcome.detail) for waiting in batch])
        for waiting in batch:
            self._waiting.remove(waiting)
        self.gave_up += len(batch)
        names = " ".join(f"#{waiting.short_id}" for waiting in batch[:_NAMED])
        more = f" and {len(batch) - _NAMED} more" if len(batch) > _NAMED else ""
        self._standing.gave_up(f"{outcome.detail}; gave up on {names}{more}")
