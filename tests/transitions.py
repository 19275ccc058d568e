"""Signals of 17 November 2025 for tests: an entry, its exit, and what a symbol actor raises of them."""

from datetime import datetime
from typing import Any

from actors.messages import MachineRow, Raised
from market.clock import IST
from signals.signal import Condition, Quality, Reason, Side, SignalType, Transition, fingerprint

MINUTE_MS = 60_000


def at(clock: str) -> int:
    """A time of that day on the exchange, as epoch milliseconds UTC: `10:31` or `10:31:07`."""
    return round(datetime.fromisoformat(f"2025-11-17T{clock}").replace(tzinfo=IST).timestamp() * 1000)


def entry(
    symbol: str = "NSE:M&M",
    *,
    time: str = "10:31",
    price: float = 3012.5,
    direction: Side = Side.LONG,
    strategy: str = "ema_vwap",
    target: float | None = 3042.65,
    stop: float | None = 2997.45,
    conditions: tuple[Condition, ...] | None = None,
    quality: Quality | None = None,
    score: float | None = None,
    reported: dict[str, float] | None = None,
) -> Transition:
    start_ms = at(time) - MINUTE_MS
    identity = fingerprint(strategy, "1", symbol, direction, SignalType.ENTRY, start_ms)
    above = (Condition("close > ema(9)", price, 3008.1, ok=True), Condition("close > vwap", price, 2999.4, ok=True))
    return Transition(
        id=identity,
        symbol=symbol,
        strategy=strategy,
        version="1",
        direction=direction,
        type=SignalType.ENTRY,
        reason=Reason.RULE,
        time_ms=at(time),
        bar_start_ms=start_ms,
        timeframe="1m",
        price=price,
        target=target,
        stop=stop,
        indicators=(("ema9", 3008.1), ("vwap", 2999.4), *(reported or {}).items()),
        conditions=above if conditions is None else conditions,
        state_id=identity,
        quality=quality or Quality(),
        score=score,
        reported=tuple(reported or ()),
    )


def exit_of(opened: Transition, *, time: str, price: float, reason: Reason = Reason.TARGET) -> Transition:
    start_ms = at(time) // MINUTE_MS * MINUTE_MS
    return Transition(
        id=fingerprint(opened.strategy, "1", opened.symbol, opened.direction, SignalType.EXIT, start_ms),
        symbol=opened.symbol,
        strategy=opened.strategy,
        version="1",
        direction=opened.direction,
        type=SignalType.EXIT,
        reason=reason,
        time_ms=at(time),
        bar_start_ms=start_ms,
        timeframe="1m",
        price=price,
        target=opened.target,
        stop=opened.stop,
        indicators=(),
        conditions=(),
        state_id=opened.id,
        quality=Quality(),
    )


def raised(transition: Transition) -> Raised:
    state = "IN_SIGNAL" if transition.type is SignalType.ENTRY else "COOLDOWN"
    row = MachineRow(transition.symbol, transition.strategy, transition.version, {"state": state, "at": transition.id})
    return Raised(transition, row)


class HandClock:
    """A clock that a test moves; wall and monotonic time run together."""

    def __init__(self, now_ms: int = at("10:31")) -> None:
        self._now_ms = now_ms
        self._monotonic = 1000.0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)
        self._monotonic += seconds


class Told(list[Any]):
    """An actor that only remembers what it was told."""

    def tell(self, message: Any) -> None:
        self.append(message)
