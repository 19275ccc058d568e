"""Decides what is worth a message, has it committed, and only then lets the channels send it."""

from collections.abc import Sequence
from queue import Queue
from types import TracebackType
from typing import Any, assert_never, cast

import pykka
from loguru import logger

from actors.heartbeat import Heartbeat
from actors.messages import (
    AlertMessage,
    CaughtUp,
    ChannelStatus,
    Committed,
    Destined,
    HealthMessage,
    Raised,
    Ref,
    Rerouted,
    Resumed,
    Watch,
)
from actors.tell import tell_if_alive
from delivery.announcer import Announcer
from delivery.dedupe import Dedupe, Repeat, repeats_of
from delivery.late import LateEntries, missed_while_down
from settings.schema import Alerts
from settings.strategy_schema import StrategySettings
from signals.record import from_json
from store.store import Store

_MEMORY_MS = 36 * 3_600_000
"""How far back decisions are read again at a start; a signal does not outlive its session."""
_FLUSH_S = 5.0


class AlertActor(pykka.ThreadingActor):
    """`Raised` → dedupe → one commit with the deliveries → `Committed` → the channels look into the store.

    A late entry waits, uncommitted, until its symbol has caught up: if it is closed by then, both are only recorded. A
    crash meanwhile loses nothing, for the bars give them again.

    The store must have been started, and stays until this actor has stopped; stopping waits for the last commit.
    """

    use_daemon_thread = True

    def __init__(
        self,
        store: Store,
        alerts: Alerts,
        channels: Sequence[Destined],
        health: Ref[HealthMessage],
        strategies: Sequence[StrategySettings] = (),
    ) -> None:
        """`strategies` may have a say of their own in what repeats an alert."""
        super().__init__()
        self._store = store
        self._channels = channels
        self._health = health
        self._names = tuple(channel.name for channel in channels)
        self._late = LateEntries()
        self._announcer = Announcer(store, channels)
        self._dedupe = Dedupe(_usual(alerts), repeats_of(alerts, strategies))
        # In the constructor, so that a store that cannot be read stops the start, not an actor that seems to live.
        for record, was_sent in store.decisions(_MEMORY_MS):
            self._recall(record, was_sent=was_sent)
        self.heartbeat = Heartbeat("alerts", cast("Queue[Any]", self.actor_inbox).qsize)

    def on_start(self) -> None:
        tell_if_alive(self._health, Watch((self.heartbeat,)))

    def on_receive(self, message: AlertMessage) -> None:
        match message:
            case Raised():
                self._take(message)
            case CaughtUp():
                for late in self._late.caught_up(message.prices):
                    self._commit(late)
            case Resumed():
                self._announcer.announce(
                    missed_while_down(message.since_ms, message.until_ms, self._late, message.left)
                )
            case Committed():
                for channel in self._channels:
                    channel.wake()
            case Rerouted():
                self._reroute(message)
            case _:
                assert_never(message)
        self.heartbeat.beat()

    def on_stop(self) -> None:
        if not self._store.flush(_FLUSH_S):
            logger.error("alerts: the store did not commit the last signals within {} s", _FLUSH_S)
        for channel in self._channels:
            channel.wake()

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,  # noqa: ARG002 - pykka has logged it
    ) -> None:
        name = exception_type.__name__ if exception_type else "unknown"
        detail = f"no alert is sent any more: {name}: {exception_value}"
        tell_if_alive(self._health, ChannelStatus("alerts", ok=False, detail=detail))

    def _reroute(self, message: Rerouted) -> None:
        self._channels = message.channels
        self._names = tuple(channel.name for channel in message.channels)
        self._announcer.change(message.channels)
        self._dedupe.change(_usual(message.alerts), repeats_of(message.alerts, message.strategies))

    def _take(self, raised: Raised) -> None:
        if self._late.hold(raised):
            return
        opened = self._late.close(raised)
        if opened is not None:
            self._dedupe.remember(opened.transition, was_sent=False)
            self._record(opened, ())
        self._commit(raised)

    def _commit(self, raised: Raised) -> None:
        transition = raised.transition
        news = self._dedupe.is_news(transition)
        if not news:
            logger.bind(symbol=transition.symbol).debug("#{} is no news: recorded, not sent", transition.short_id)
        self._record(raised, self._names if news else ())

    def _record(self, raised: Raised, channels: Sequence[str]) -> None:
        myself = self.actor_ref
        # Called on the store's thread, perhaps after this actor stopped: then the channels look by themselves.
        self._store.write_transition(raised, channels, lambda: tell_if_alive(myself, Committed()))

    def _recall(self, record: str, *, was_sent: bool) -> None:
        try:
            self._dedupe.remember(from_json(record), was_sent=was_sent)
        except ValueError as error:
            logger.error("a stored signal cannot be read and is left out: {}", error)


def _usual(alerts: Alerts) -> Repeat:
    return Repeat(alerts.repeat_minutes, alerts.repeat_move_percent)
