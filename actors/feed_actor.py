"""One websocket connection as the rest of the program sees it."""

from typing import Any, assert_never

import pykka
from loguru import logger

from actors.feed_reader import FeedReader
from actors.messages import FeedMessage, StopFeed


class FeedActor(pykka.ThreadingActor):
    """Keeps one connection alive until told to stop; its reader, on a thread of its own, does the work."""

    use_daemon_thread = True

    def __init__(self, reader: FeedReader) -> None:
        super().__init__()
        self._reader = reader

    def on_start(self) -> None:
        self._reader.start()

    def on_receive(self, message: FeedMessage) -> None:
        match message:
            case StopFeed():
                self.stop()
            case _:
                assert_never(message)

    def on_stop(self) -> None:
        if not self._reader.stop():
            logger.error("{} does not end", self._reader.heartbeat.name)

    def on_failure(self, *_: Any) -> None:
        self.on_stop()
