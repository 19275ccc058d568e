"""What symbols answer when they are asked about themselves; it crosses HTTP, so plain values alone."""

from dataclasses import dataclass

from signals.signal import Condition, Transition, Unmet


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
    bars_of: str = "1m"
    """Timeframe of those bars."""
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
