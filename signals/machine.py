"""The signal state machine of one symbol and strategy: IDLE → IN_SIGNAL → COOLDOWN → IDLE."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Any, TypeAlias, assert_never

from signals.signal import Reason, Side


class State(StrEnum):
    """Where the machine stands."""

    IDLE = "IDLE"
    IN_SIGNAL = "IN_SIGNAL"
    COOLDOWN = "COOLDOWN"


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine; immutable, so a step either gives a new one or leaves this one."""

    state: State = State.IDLE
    side: Side | None = None
    """Of the signal it is in, or cools down from."""
    price: float | None = None
    """Entry price."""
    target: float | None = None
    stop: float | None = None
    entry_id: str = ""
    """Fingerprint of the entry."""
    since_ms: int = 0
    """Time of the last transition, epoch milliseconds UTC."""
    bar_start_ms: int = 0
    """Start of the bar the last transition happened on."""
    cooldown_left: int = 0
    """Bars until IDLE."""
    session: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, as the store keeps them."""
        return {
            "state": self.state.value,
            "side": self.side.value if self.side else None,
            "price": self.price,
            "target": self.target,
            "stop": self.stop,
            "entry_id": self.entry_id,
            "since_ms": self.since_ms,
            "bar_start_ms": self.bar_start_ms,
            "cooldown_left": self.cooldown_left,
            "session": self.session.isoformat() if self.session else None,
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> "Machine":
        """What `to_json` gave. Raises: KeyError, ValueError, TypeError when the row is not one."""
        machine = cls(
            State(row["state"]),
            None if row["side"] is None else Side(row["side"]),
            _rupees(row["price"]),
            _rupees(row["target"]),
            _rupees(row["stop"]),
            str(row["entry_id"]),
            _whole(row["since_ms"]),
            _whole(row["bar_start_ms"]),
            _whole(row["cooldown_left"]),
            None if row["session"] is None else date.fromisoformat(row["session"]),
        )
        if machine.state is not State.IDLE and None in (machine.side, machine.price, machine.session):
            raise ValueError(f"{machine.state} without side, price or session")
        if (machine.cooldown_left > 0) is not (machine.state is State.COOLDOWN):
            raise ValueError(f"{machine.state} with {machine.cooldown_left} bars of cooldown left")
        return machine


def _rupees(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise ValueError(f"not a price: {value!r}")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"not a whole number: {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class Enter:
    """An entry rule holds on a closed bar."""

    side: Side
    price: float
    target: float | None
    stop: float | None
    entry_id: str
    at_ms: int
    bar_start_ms: int
    session: date


@dataclass(frozen=True, slots=True)
class Traded:
    """Prices between `low` and `high` were traded; both are the price for a single tick."""

    open: float
    high: float
    low: float
    at_ms: int
    bar_start_ms: int


@dataclass(frozen=True, slots=True)
class Leave:
    """An exit rule holds, or the market ends."""

    reason: Reason
    price: float
    at_ms: int
    bar_start_ms: int


@dataclass(frozen=True, slots=True)
class BarPassed:
    """A bar of the strategy's timeframe closed."""

    start_ms: int
    session: date


Event: TypeAlias = Enter | Traded | Leave | BarPassed


@dataclass(frozen=True, slots=True)
class Exit:
    """How a signal ended."""

    reason: Reason
    price: float
    at_ms: int
    bar_start_ms: int


def step(machine: Machine, event: Event, cooldown_bars: int) -> tuple[Machine, Enter | Exit | None]:
    """The machine after `event`, and the transition it makes, if any.

    IDLE takes Enter; IN_SIGNAL takes Traded (stop first, then target) and Leave; COOLDOWN counts BarPassed.
    Everything else leaves the machine as it is; a new session makes it IDLE.
    """
    match event:
        case Enter():
            if machine.state is not State.IDLE:
                return machine, None
            entered = Machine(
                State.IN_SIGNAL, event.side, event.price, event.target, event.stop, event.entry_id,
                event.at_ms, event.bar_start_ms, 0, event.session,
            )  # fmt: skip
            return entered, event
        case Traded():
            reached = _reached(machine, event) if machine.state is State.IN_SIGNAL else None
            return _left(machine, reached, cooldown_bars) if reached else (machine, None)
        case Leave():
            if machine.state is not State.IN_SIGNAL:
                return machine, None
            return _left(machine, Exit(event.reason, event.price, event.at_ms, event.bar_start_ms), cooldown_bars)
        case BarPassed():
            return _passed(machine, event), None
        case _:
            assert_never(event)


def _left(machine: Machine, exit_: Exit, cooldown_bars: int) -> tuple[Machine, Exit]:
    left = replace(
        machine,
        state=State.COOLDOWN if cooldown_bars else State.IDLE,
        since_ms=exit_.at_ms,
        bar_start_ms=exit_.bar_start_ms,
        cooldown_left=cooldown_bars,
    )
    return left, exit_


def _passed(machine: Machine, event: BarPassed) -> Machine:
    if machine.state is not State.IDLE and machine.session is not None and event.session > machine.session:
        return Machine()
    if machine.state is not State.COOLDOWN or event.start_ms <= machine.bar_start_ms:
        return machine
    left = machine.cooldown_left - 1
    return Machine(
        State.COOLDOWN if left else State.IDLE, machine.side, machine.price, machine.target, machine.stop,
        machine.entry_id, machine.since_ms, machine.bar_start_ms, left, machine.session,
    )  # fmt: skip


def _reached(machine: Machine, traded: Traded) -> Exit | None:
    """Stop or target, whichever a careful trader must assume came first: the stop."""
    up = machine.side is Side.LONG
    worst, best = (traded.low, traded.high) if up else (traded.high, traded.low)
    if machine.stop is not None and (worst <= machine.stop if up else worst >= machine.stop):
        beyond = traded.open < machine.stop if up else traded.open > machine.stop
        return Exit(Reason.STOP, traded.open if beyond else machine.stop, traded.at_ms, traded.bar_start_ms)
    if machine.target is not None and (best >= machine.target if up else best <= machine.target):
        beyond = traded.open > machine.target if up else traded.open < machine.target
        return Exit(Reason.TARGET, traded.open if beyond else machine.target, traded.at_ms, traded.bar_start_ms)
    return None
