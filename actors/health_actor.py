"""Knows how everything is: feeds, channels, symbols, and whether every thread still moves."""

from collections.abc import Callable, Sequence
from typing import assert_never

import pykka
from loguru import logger

from actors.health_record import ChannelTotals, HealthRecord
from actors.health_report import report, summary
from actors.heartbeat import Heartbeat
from actors.messages import (
    ChannelGone,
    ChannelStatus,
    FeedStatus,
    HealthMessage,
    HealthTick,
    HistoryStatus,
    ReportHealth,
    SymbolFailed,
    SymbolsSurvey,
    Watch,
)
from actors.watchdog import Watchdog
from market.clock import Clock

SUMMARY_EVERY_S = 60.0


class HealthActor(pykka.ThreadingActor):
    """Hears what changes, watches the heartbeats once a second, and says how things are once a minute.

    `deliveries` gives the totals of every channel and is called from this actor's thread. `on_stuck` gets the names
    of heartbeats that have just been found stuck; what it does about them is not this actor's business.
    """

    use_daemon_thread = True

    def __init__(
        self,
        heartbeats: Sequence[Heartbeat],
        clock: Clock,
        deliveries: Callable[[], Sequence[ChannelTotals]],
        on_stuck: Callable[[tuple[str, ...]], None],
    ) -> None:
        super().__init__()
        self._clock, self._deliveries, self._on_stuck = clock, deliveries, on_stuck
        self._summed_up_at = clock.monotonic()
        self._ticks_then = 0
        """Ticks when the last summary was made."""
        self._record = HealthRecord(Watchdog(heartbeats), started=self._summed_up_at)

    def on_receive(self, message: HealthMessage) -> dict[str, object] | None:
        now = self._clock.monotonic()
        match message:
            case HealthTick():
                self._record.late_s = max(0.0, now - message.monotonic)
                self._second(now)
            case FeedStatus():
                self._record.take_feed(message, now)
            case ChannelStatus():
                self._record.take_channel(message, now)
            case SymbolFailed():
                logger.error("{} failed and is not watched any more: {}", message.symbol, message.error)
                self._record.take_failure(message)
            case SymbolsSurvey():
                self._record.take_survey(message, now)
            case HistoryStatus():
                self._record.history = message
            case Watch():
                self._record.watchdog.watch(message.heartbeats)
            case ChannelGone():
                self._record.drop_channels(message)
            case ReportHealth():
                self._record.totals = self._deliveries()
                return report(self._record, self._clock.now_ms(), now)
            case _:
                assert_never(message)
        return None

    def _second(self, now: float) -> None:
        self._watch(now)
        if now - self._summed_up_at >= SUMMARY_EVERY_S:
            self._sum_up(now)

    def _watch(self, now: float) -> None:
        # By the time of looking, not the tick's: ticks that waited for us would all show the same beats.
        look = self._record.watchdog.look(now)
        if look.stuck:
            # First the callback: a thread that hangs while it logs would hold us here too.
            self._on_stuck(look.stuck)
        for name in look.stuck:
            logger.error("{} is stuck: work waits and it does not move", name)
        for name in look.moving_again:
            logger.warning("{} moves again", name)

    def _sum_up(self, now: float) -> None:
        ticks = self._record.survey.ticks if self._record.survey else 0
        ticks_per_s = (ticks - self._ticks_then) / (now - self._summed_up_at)
        self._summed_up_at, self._ticks_then = now, ticks
        self._record.totals = self._deliveries()
        logger.info(summary(self._record, ticks_per_s))
