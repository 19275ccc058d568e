"""What the health actor knows: feeds, channels, symbols that failed, and the totals of the last surveys."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from actors.messages import ChannelGone, ChannelStatus, FeedStatus, HistoryStatus, SymbolFailed, SymbolsSurvey
from actors.watchdog import Watchdog


@dataclass(frozen=True, slots=True)
class ChannelTotals:
    """What one destination has done since the start, and what waits for it."""

    channel: str
    sent: int
    pending: int
    """Recorded but not delivered yet."""
    dead: int
    """Given up on."""


@dataclass(slots=True)
class Feed:
    """One connection."""

    status: FeedStatus
    since: float
    """Monotonic seconds."""
    streamed: int = 0
    """How often it began to stream."""

    @property
    def reconnects(self) -> int:
        """How often it came back."""
        return max(0, self.streamed - 1)


@dataclass(slots=True)
class Channel:
    """One destination that spoke up."""

    status: ChannelStatus
    since: float
    """Monotonic seconds."""
    failures: int = 0


@dataclass(slots=True)
class FailedSymbol:
    """One symbol whose code raised."""

    error: str
    """The last one."""
    times: int = 1


@dataclass(slots=True)
class HealthRecord:
    """Plain facts, changed only by the health actor; times are monotonic seconds."""

    watchdog: Watchdog
    started: float
    feeds: dict[str, Feed] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    failed: dict[str, FailedSymbol] = field(default_factory=dict)
    survey: SymbolsSurvey | None = None
    history: HistoryStatus | None = None
    """How far the broker's history is; None without one."""
    surveyed_at: float = 0.0
    ticks_per_s: float = 0.0
    """Between the last two surveys."""
    last_ticks_at: float | None = None
    """The last survey that found new ticks."""
    late_s: float = 0.0
    """How late the last health tick was handled."""
    totals: Sequence[ChannelTotals] = ()

    def take_feed(self, status: FeedStatus, now: float) -> None:
        """A connection changed state."""
        feed = self.feeds.get(status.feed)
        if feed is None:
            feed = self.feeds[status.feed] = Feed(FeedStatus(status.feed, "", ""), now)
        if status.state != feed.status.state:
            feed.since = now
            feed.streamed += status.state == "streaming"
        feed.status = status

    def take_channel(self, status: ChannelStatus, now: float) -> None:
        """A destination changed state."""
        channel = self.channels.setdefault(status.channel, Channel(status, now))
        if status.ok != channel.status.ok:
            channel.since = now
        channel.failures += not status.ok
        channel.status = status

    def drop_channels(self, gone: ChannelGone) -> None:
        """Destinations are there no more."""
        for name, heartbeat in gone.channels:
            self.channels.pop(name, None)
            self.watchdog.forget([heartbeat])

    def take_failure(self, failure: SymbolFailed) -> None:
        """A symbol's own code raised."""
        known = self.failed.get(failure.symbol)
        if known is None:
            self.failed[failure.symbol] = FailedSymbol(failure.error)
        else:
            known.error = failure.error
            known.times += 1

    def take_survey(self, survey: SymbolsSurvey, now: float) -> None:
        """New totals over all symbols."""
        new_ticks = survey.ticks - (self.survey.ticks if self.survey else 0)
        if self.survey is not None and now > self.surveyed_at:
            self.ticks_per_s = new_ticks / (now - self.surveyed_at)
        if new_ticks:
            self.last_ticks_at = now
        self.survey, self.surveyed_at = survey, now
