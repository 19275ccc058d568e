"""Sends what the program itself has to say to every channel that takes such, durably and once."""

from collections.abc import Sequence

from loguru import logger

from actors.messages import Destined
from delivery.notice import Notice, to_json
from store.store import Store


class Announcer:
    """Commits a notice with its deliveries, then has the channels look; from any thread."""

    def __init__(self, store: Store, channels: Sequence[Destined]) -> None:
        self._store = store
        self._channels = [channel for channel in channels if channel.announces]

    def change(self, channels: Sequence[Destined]) -> None:
        """Go on with these channels."""
        self._channels = [channel for channel in channels if channel.announces]

    def announce(self, notice: Notice) -> None:
        """Have it sent; one with a key that was announced before changes nothing. Raises: StorageError."""
        logger.info("{}", " ".join((notice.title, *notice.lines)))
        self._store.write_notice(notice.id, to_json(notice), [channel.name for channel in self._channels], self._wake)

    def _wake(self) -> None:
        for channel in self._channels:
            channel.wake()
