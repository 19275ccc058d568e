"""What one feed did since the start, over all its connections."""

from collections import Counter
from dataclasses import dataclass

from loguru import logger

from brokers.broker import Decoder
from brokers.websocket.connection import Traffic


@dataclass(frozen=True, slots=True)
class FeedTotals:
    """One feed's figures at one moment."""

    feed: str
    listings: int
    frames: int
    """Websocket frames that came, control frames included."""
    bytes: int
    ticks: int
    """Handed to the router."""
    reconnects: int
    last_frame_age_s: float | None
    """Seconds since the last frame of any kind; None before the first."""
    errors: int
    """Messages that were lost because our own code raised."""
    last_error: str
    counts: dict[str, int]
    """The decoder's: packets by kind, rejects by reason."""


class FeedMeter:
    """Written by the feed's reader; `totals` may be called from any thread."""

    def __init__(self, name: str, listings: int) -> None:
        self.name = name
        self.traffic = Traffic()
        self.ticks = 0
        self.connections = 0
        """Handshakes that succeeded."""
        self._listings = listings
        self._errors = 0
        self._last_error = ""
        self._decoder: Decoder | None = None
        self._past_counts: Counter[str] = Counter()
        """Of the decoders before the present one."""

    def new_decoder(self, decoder: Decoder) -> None:
        """A new connection decodes with this."""
        if self._decoder is not None:
            self._past_counts.update(self._decoder.counts)
        self._decoder = decoder

    def count_error(self, error: Exception) -> None:
        """Our own code raised; the log gets a traceback unless it is the same again."""
        text = f"{type(error).__name__}: {error}"
        if text != self._last_error:
            logger.bind(broker=self.name).opt(exception=error).error("{}: a message could not be handled", self.name)
        self._errors += 1
        self._last_error = text

    def totals(self, now: float) -> FeedTotals:
        """The figures as they are `now`, in monotonic seconds."""
        last_frame = self.traffic.last_frame
        counts = self._past_counts.copy()
        counts.update(self._decoder.counts if self._decoder is not None else {})
        return FeedTotals(
            feed=self.name,
            listings=self._listings,
            frames=self.traffic.frames,
            bytes=self.traffic.bytes,
            ticks=self.ticks,
            reconnects=max(0, self.connections - 1),
            last_frame_age_s=None if last_frame is None else max(0.0, now - last_frame),
            errors=self._errors,
            last_error=self._last_error,
            counts=dict(counts),
        )
