"""What the destinations have done, counted."""

from collections.abc import Sequence

from actors.health_record import ChannelTotals
from delivery.channel import Channel
from errors import StorageError
from store.store import Store


def totals(channels: Sequence[Channel], store: Store) -> list[ChannelTotals]:
    """Of each channel; what waits is counted in the store, for a channel that is far behind knows only its next ones.

    A store that cannot be read tells so itself; then what the channels know has to do.
    """
    try:
        waiting = store.undelivered()
    except StorageError:
        waiting = {channel.name: channel.pending for channel in channels}
    return [
        ChannelTotals(channel.name, channel.sent, waiting.get(channel.name, 0), channel.gave_up) for channel in channels
    ]
