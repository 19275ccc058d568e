"""All that actors say to each other, one union per receiver."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from actors.heartbeat import Heartbeat
from settings.schema import Alerts
from settings.strategy_schema import StrategySettings
from signals.signal import Condition, Transition, Unmet

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


@dataclass(frozen=True, slots=True)
class BarView:
    """One bar, for people: times epoch milliseconds UTC, prices in rupees, volume in units."""

    start_ms: int
    end_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    partial: bool


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """One indicator: `value` is nan until `ready`."""

    name: str
    value: float
    ready: bool


@dataclass(frozen=True, slots=True)
class SideView:
    """How far one direction of a strategy is from a signal, on the last closed bar."""

    direction: str
    unmet: tuple[Unmet, ...]
    """Conditions that do not hold, or are not known."""
    distance_percent: float
    """Of the farthest of them; 0 when all hold, inf where it cannot be told."""
    blocked: tuple[str, ...]
    """What keeps it from entering besides its conditions, for people."""


@dataclass(frozen=True, slots=True)
class StrategyView:
    """One strategy's state machine and each of its conditions on the last closed bar."""

    name: str
    version: str
    timeframe: str
    state: str
    """`IDLE`, `IN_SIGNAL` or `COOLDOWN`."""
    direction: str | None
    entry_price: float | None
    target: float | None
    stop: float | None
    cooldown_left: int
    """Bars until IDLE."""
    state_id: str | None
    """Fingerprint of the entry it is in."""
    indicators: tuple[IndicatorView, ...]
    conditions: dict[str, tuple[Condition, ...]]
    """By side, `LONG` and `SHORT`; empty before the first bar."""
    sides: tuple[SideView, ...] = ()
    """The directions it may take."""


@dataclass(frozen=True, slots=True)
class SymbolView:
    """Everything about one symbol, as `debug` shows it."""

    symbol: str
    last_price: float | None
    last_trade_ms: int
    """Trade time of the newest tick, epoch milliseconds UTC; 0 if there was none."""
    day_volume: int
    market_ms: int
    """Market time as this symbol knows it: the last `MinuteEnded`'s watermark, or its own newest tick if later."""
    open_bars: tuple[BarView, ...]
    bars: tuple[BarView, ...]
    """The last ten closed 1-minute bars, oldest first."""
    strategies: tuple[StrategyView, ...]
    counts: dict[str, int]
    """Everything out of the ordinary: late, stale, outside_session, volume_steps_back, ..."""
    recent: tuple[Transition, ...]
    """The last transitions, oldest first."""
    warm: str = "no"
    """`no`, `partial` or `yes`: whether its indicators have all the history they want, the session from its open."""
    bars_seen: int = 0
    bars_wanted: int = 0
    """Bars that its indicators were fed, and after how many they are settled; of the strategy that lacks most."""
    phase: str = "closed"
    """What its market does: `pre-open`, `continuous`; and whether its hours are only presumed."""
    unasked: tuple[str, ...] = ()
    """Strategies that are not for this symbol, each with whom it is for."""


@dataclass(frozen=True, slots=True)
class NearRow:
    """One symbol and direction close to an entry."""

    symbol: str
    strategy: str
    version: str
    timeframe: str
    direction: str
    price: float
    """Close of its last bar, in rupees."""
    unmet: tuple[Unmet, ...]
    of: int
    """How many conditions there are."""
    distance_percent: float
    """Of the farthest unmet one; inf where it cannot be told."""
    blocked: tuple[str, ...]
    """What keeps it from entering besides its conditions, for people."""


@dataclass(frozen=True, slots=True)
class NearView:
    """Who is closest to an entry, over all symbols."""

    market_ms: int
    """Latest market time of any symbol, epoch milliseconds UTC; 0 before the first trade."""
    rows: tuple[NearRow, ...]
    """The closest first."""
    symbols: int
    candidates: int
    """Directions of strategies that could enter if their conditions came true."""
    left_out: dict[str, int]
    """Those that could not, counted by why: `in a signal`, `already true`."""


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
    """The store has these transitions on disk; their deliveries may go out."""

    fingerprints: tuple[str, ...]


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
