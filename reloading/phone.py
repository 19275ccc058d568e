"""Other channels while alerts are under way."""

from collections.abc import Sequence

import pykka
from loguru import logger

from actors.alert_actor import AlertActor
from actors.messages import ChannelGone, HealthMessage, Ref, Rerouted, Watch
from delivery.build import build_channels, stop_channels
from delivery.channel import Channel
from market.clock import Clock
from settings.schema import Settings
from store.store import Store

ANSWER_S = 10.0
STOP_S = 4.0
"""What a removed channel has to send what waits for it."""


class Phone:
    """The channels of a run."""

    def __init__(
        self,
        channels: list[Channel],
        store: Store,
        clock: Clock,
        alerts: "pykka.ActorRef[AlertActor]",
        health: Ref[HealthMessage],
    ) -> None:
        """`channels` is kept up to date."""
        self._channels, self._store, self._clock, self._alerts, self._health = channels, store, clock, alerts, health

    def build(self, old: Settings, new: Settings) -> list[Channel]:
        """The channels that are added or changed, not yet started. Raises: SettingsError, CredentialsError."""
        configured = [channel for channel in new.channel if channel not in old.channel]
        return build_channels(configured, self._store, self._clock, self._health)

    def change(self, new: Settings, built: Sequence[Channel]) -> dict[str, int]:
        """Go on with those built, and those that stay; how many alerts each removed one has not sent."""
        names, ours = {channel.name for channel in new.channel}, {channel.name: channel for channel in built}
        gone = [channel for channel in self._channels if channel.name in ours or channel.name not in names]
        there = {channel.name: channel for channel in self._channels} | ours
        self._channels[:] = [there[channel.name] for channel in new.channel]
        self._alerts.ask(Rerouted(new.alerts, new.strategy, tuple(self._channels)), timeout=ANSWER_S)
        self._store.flush(STOP_S)  # what was raised before is there for those that go
        for name in stop_channels(gone, STOP_S):
            logger.warning("channel {} is still sending; what it has not confirmed may be sent again", name)
        self._health.tell(ChannelGone(tuple((channel.name, channel.heartbeat) for channel in gone)))
        for channel in built:
            channel.start()
        self._health.tell(Watch(tuple(channel.heartbeat for channel in built)))
        self._store.flush(STOP_S)  # what they have sent is known as sent
        waiting = self._store.undelivered()
        return {channel.name: waiting[channel.name] for channel in gone if channel.name in waiting.keys() - names}
