"""Why a signal ended, as people read it."""

from market.bar import Bar
from signals.machine import Machine
from signals.signal import Condition, Reason, Side


def exit_conditions(reason: Reason, machine: Machine, price: float, before: Bar | None) -> tuple[Condition, ...]:
    """Why a signal ended, in the form of its one condition; none at the market's end."""
    long = machine.side is Side.LONG
    if reason is Reason.STOP and machine.stop is not None:
        return (Condition(f"price {'<=' if long else '>='} stop", price, machine.stop, ok=True),)
    if reason is Reason.TARGET and machine.target is not None:
        return (Condition(f"price {'>=' if long else '<='} target", price, machine.target, ok=True),)
    if reason is Reason.EXIT_RULE and before is not None:
        return (
            Condition("close < low[1]", price, before.low, ok=True)
            if long
            else Condition("close > high[1]", price, before.high, ok=True),
        )
    return ()
