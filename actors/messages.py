"""All that actors say to each other, one union per receiver."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from actors.heartbeat import Heartbeat
from settings.schema import Alerts
from settings.strategy_schema import StrategySettings
from signals.signal import Transition

M_contra = TypeVar("M_contra", contravariant=True)


class Ref(Protocol[M_contra]):
    """Another actor as its senders know it; a list with a `tell` stands in for it in tests."""

    def tell(self, message: M_contra) -> None:
        """Put a message in its inbox."""
        ...


# --- to a symbol actor -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MinuteEnded:
    """A market minute and its grace time are over: bars up to `minute` may close."""

    minute: int
    """Start of the minute, epoch milliseconds UTC."""
    watermark: int
    """Latest trade time seen on the connection, epoch milliseconds UTC."""


@dataclass(frozen=True, slots=True)
class FeedInterrupted:
    """The connection had a hole: open bars, and the next one, lack some of their ticks."""


@dataclass(frozen=True, slots=True)
class Inspect:
    """Ask a symbol for everything about itself; the reply is a `SymbolView`."""


SymbolMessage: TypeAlias = MinuteEnded | FeedInterrupted | Inspect


# --- to the alert actor ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MachineRow:
    """A state machine after a transition, as the store keeps it for a restart."""

    symbol: str
    strategy: str
    version: str
    state: dict[str, Any]
    """Plain JSON values."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A symbol's state machine made a transition; nothing is sent before it is committed."""

    transition: Transition
    machine: MachineRow


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """These symbols have stepped through all bars that there are of a past they missed."""

    prices: Mapping[str, float]
    """The price each has now, in rupees; symbols without any are left out."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A start in the middle of a session: what was missed meanwhile is known, or as good as."""

    since_ms: int
    """End of the last minute that was watched before, epoch milliseconds UTC."""
    until_ms: int
    """The start, epoch milliseconds UTC."""
    left: int
    """Symbols whose bars of that time are not there yet."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The store has a transition on disk; its deliveries may go out."""


class Destined(Protocol):
    """A channel as the alert actor knows it."""

    name: str

    @property
    def announces(self) -> bool:
        """Whether it takes notices."""
        ...

    def wake(self) -> None:
        """Something for it may have been committed."""
        ...


@dataclass(frozen=True, slots=True)
class Rerouted:
    """The settings have changed: what comes from now on goes to these channels."""

    alerts: Alerts
    strategies: tuple[StrategySettings, ...]
    """They may have a say of their own in what repeats an alert."""
    channels: tuple[Destined, ...]


AlertMessage: TypeAlias = Raised | CaughtUp | Resumed | Committed | Rerouted


# --- to the feed actor -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StopFeed:
    """Close the connection politely and do not come back."""


FeedMessage: TypeAlias = StopFeed


# --- to the health actor -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A connection changed state."""

    feed: str
    """`dhan-1`."""
    state: str
    """`connecting`, `streaming`, `waiting`, `stopped`, `finished`."""
    detail: str
    """One sentence for people; never an address with its query."""
    retry_in_s: float | None = None


@dataclass(frozen=True, slots=True)
class SymbolFailed:
    """A symbol's own code raised; only that symbol is hurt."""

    symbol: str
    error: str


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """A destination changed state: it failed, gave up on a message, or works again."""

    channel: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class HealthTick:
    """One second passed on the monotonic clock."""

    monotonic: float


@dataclass(frozen=True, slots=True)
class SymbolsSurvey:
    """Totals over all symbol actors, from their own thread."""

    market_ms: int
    """Latest trade time any of them saw, epoch milliseconds UTC; 0 before the first."""
    symbols: int
    traded: int
    """Symbols with at least one tick since the start."""
    stale: tuple[str, ...]
    """Symbols whose last tick is over 15 minutes of market time old, in their continuous phase."""
    ticks: int
    """Ticks taken since the start, over all symbols."""
    bars: int
    """1-minute bars closed since the start, over all symbols."""
    signals: dict[str, int]
    """Transitions since the start by kind and reason: `ENTRY LONG`, `EXIT stop`."""
    in_signal: int
    """State machines in IN_SIGNAL now."""
    counts: dict[str, int]
    """Everything out of the ordinary, summed: late, outside_session, volume_steps_back, unknown_key, ..."""
    warm: int = 0
    """Symbols whose indicators have all the history they want."""
    phases: Mapping[str, str] = field(default_factory=dict)
    """What the market does for each class of instruments that is watched, by market time: `continuous`."""


@dataclass(frozen=True, slots=True)
class HistoryStatus:
    """How far the broker's history has been fetched."""

    left: int
    """Symbols that wait for it."""
    about_s: float
    """Seconds until none does, at the pace so far; 0 when none does."""
    detail: str = ""
    """Why it does not go on; one sentence for people."""


@dataclass(frozen=True, slots=True)
class Watch:
    """These threads were started: their heartbeats belong to what is watched."""

    heartbeats: tuple[Heartbeat, ...]


@dataclass(frozen=True, slots=True)
class ChannelGone:
    """These channels were taken out of the settings: there is nothing to tell or to watch any more."""

    channels: tuple[tuple[str, Heartbeat], ...]
    """Name and heartbeat of each."""


@dataclass(frozen=True, slots=True)
class ReportHealth:
    """Ask for the health report; the reply is a dict of plain JSON values."""


HealthMessage: TypeAlias = (
    FeedStatus
    | SymbolFailed
    | ChannelStatus
    | HealthTick
    | SymbolsSurvey
    | HistoryStatus
    | Watch
    | ChannelGone
    | ReportHealth
)
