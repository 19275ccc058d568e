"""What a strategy's state machine says to the world: a transition, with its reasons."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

SHORT_ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so an id can be read aloud."""


class Side(StrEnum):
    """The direction of a signal."""

    LONG = "LONG"
    SHORT = "SHORT"


class SignalType(StrEnum):
    """What kind of transition; more will come, so nothing may assume there are two."""

    ENTRY = "ENTRY"
    EXIT = "EXIT"


class Reason(StrEnum):
    """Why it happened."""

    RULE = "rule"
    TARGET = "target"
    STOP = "stop"
    EXIT_RULE = "exit_rule"
    MARKET_END = "market_end"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule with both of its values, as an alert and `debug` show it."""

    text: str
    """As a trader writes it: `close > ema(9)`."""
    left: float
    """nan, as `right`, while it is not known, and where nothing is compared: `in session 09:20-15:00`."""
    right: float
    ok: bool | None
    """None while it is not known."""
    parts: tuple["Condition", ...] = ()
    """What it is made of, where it is made of conditions; they explain it, and count for nothing by themselves."""

    @property
    def margin_percent(self) -> float:
        """Distance of `left` from `right` in percent of `right`; nan when `right` is 0."""
        return (self.left - self.right) / self.right * 100 if self.right else float("nan")


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that does not hold yet, or is not known."""

    condition: Condition
    distance_percent: float
    """How far its numbers are from making it hold; inf where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the data under a signal can be trusted."""

    warm: bool = True
    """Every indicator saw all the history it wants, the session from its open."""
    partial: bool = False
    """The bar lacks some of its inputs."""
    late: bool = False
    """Found again after a restart or a gap, not at its time."""
    age_ms: int = 0
    """Age of the price at `time`, milliseconds; 0 when only bars are known."""
    price_now: float | None = None
    """Of a late entry: the price when it was found again, in rupees."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a signal state machine. Serialisable: this and `TickBatch` may cross a process border."""

    id: str
    """Fingerprint, 32 hex digits."""
    symbol: str
    strategy: str
    version: str
    direction: Side
    type: SignalType
    reason: Reason
    time_ms: int
    """Bar end, or the tick's trade time for target and stop; epoch milliseconds UTC."""
    bar_start_ms: int
    """Start of the bar it happened on, epoch milliseconds UTC."""
    timeframe: str
    """`1m`, `75m`."""
    price: float
    target: float | None
    stop: float | None
    indicators: tuple[tuple[str, float], ...]
    """Name and value at that bar: `("ema9", 2498.2)`."""
    conditions: tuple[Condition, ...]
    state_id: str
    """Id of the entry this belongs to; an entry's own id."""
    quality: Quality
    score: float | None = None
    """Ranks entries of the same minute, the highest first; None when the strategy has no score."""
    reported: tuple[str, ...] = ()
    """Those of `indicators` that the strategy wants shown with the signal, by name."""

    @property
    def short_id(self) -> str:
        """Four characters people can read aloud: `K7Q2`."""
        return short_id(self.id)


def fingerprint(strategy: str, version: str, symbol: str, direction: Side, kind: SignalType, bar_start_ms: int) -> str:
    """Identity of a transition: the same bars always give the same one, whatever the wording or the time of sending."""
    text = "\x1f".join((strategy, version, symbol, direction, kind, str(bar_start_ms)))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def short_id(id: str) -> str:  # noqa: A002 - the record's own word
    """First 20 bits of a fingerprint as four characters."""
    bits = int(id[:5], 16)
    return "".join(SHORT_ID_ALPHABET[bits >> shift & 31] for shift in (15, 10, 5, 0))
