"""Why a signal ended, as people read it."""

from signals.machine import Machine
from signals.signal import Condition, Reason, Side


def exit_conditions(reason: Reason, machine: Machine, price: float, rule: Condition | None) -> tuple[Condition, ...]:
    """Why a signal ended, in the form of its one condition; none at the market's end."""
    long = machine.side is Side.LONG
    if reason is Reason.STOP and machine.stop is not None:
        return (Condition(f"price {'<=' if long else '>='} stop", price, machine.stop, ok=True),)
    if reason is Reason.TARGET and machine.target is not None:
        return (Condition(f"price {'>=' if long else '<='} target", price, machine.target, ok=True),)
    if reason is Reason.EXIT_RULE and rule is not None:
        return (rule,)
    return ()
