"""Puts the parts of a rule together: checks that they fit, and works out at once what is constant."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from rules import tree
from rules.errors import RuleError
from rules.part import CONSTANTS, Kind, Part, kind_of
from rules.tokens import DECIMALS, LARGEST_NUMBER
from rules.tree import Operator

DEEPEST: Final = 50
"""How deep a rule may be nested."""

Lasting: TypeAlias = type[tree.Ago] | type[tree.Within] | type[tree.Throughout]

_HOLDS: Mapping[Operator, Callable[[float, float], bool]] = {
    Operator.ABOVE: float.__gt__,
    Operator.AT_LEAST: float.__ge__,
    Operator.BELOW: float.__lt__,
    Operator.AT_MOST: float.__le__,
    Operator.EQUAL: float.__eq__,
    Operator.DIFFERENT: float.__ne__,
}


def made(node: tree.Node, start: int, end: int, *inside: Part) -> Part:
    """A part made of others."""
    depth = 1 + max(part.depth for part in inside)
    rule = inside[0].rule
    if depth > DEEPEST:
        raise RuleError("this is nested too deeply or too long; write it as several rules", start, end, rule)
    if isinstance(node, tree.Number) and not abs(node.value) <= LARGEST_NUMBER:
        raise RuleError(f"this comes to more than {LARGEST_NUMBER:.0f}, the largest number of a rule", start, end, rule)
    return Part(node, kind_of(node), rule, start, end, depth)


def number(part: Part) -> Part:
    """A part that must be a number. Raises: RuleError."""
    match part.kind:
        case Kind.CONDITION:
            raise part.fault(f"{part.written} is a condition, and a number is needed here")
        case Kind.PERCENTAGE:
            raise part.fault(f"{part.written} of what? Write it behind + or -, such as ema(21) + 0.2%")
        case Kind.TIME:
            raise part.fault(f"{part.written} is a time of day; it can only be compared, such as time >= 09:20")
        case Kind.TEXT:
            raise part.fault(f"{part.written} is a text, and a number is needed here; another symbol stands behind of")
    return part


def condition(part: Part) -> Part:
    """A part that must be a condition. Raises: RuleError."""
    if part.kind is not Kind.CONDITION:
        missing = "; compare it with something, such as close > vwap" if part.kind is not Kind.TEXT else ""
        raise part.fault(f"{part.written} is {part.kind.value}, and a condition is needed here{missing}")
    return part


def compared(operator: Operator, left: Part, right: Part) -> Part:
    """`a > b`, `a crosses above b`."""
    _comparable(left, right)
    node: tree.Node
    if isinstance(left.node, tree.Number) and isinstance(right.node, tree.Number):
        # What never changes never crosses.
        holds = operator in _HOLDS and _HOLDS[operator](left.value, right.value)
        node = tree.Constant(holds)
    else:
        node = tree.Binary(operator, left.node, right.node)
    return made(node, left.start, right.end, left, right)


def between(source: Part, low: Part, high: Part) -> Part:
    """`x between a and b`."""
    _comparable(source, low)
    _comparable(source, high)
    parts = source, low, high
    if all(isinstance(part.node, tree.Number) for part in parts):
        node: tree.Node = tree.Constant(low.value <= source.value <= high.value)
    else:
        if low.is_constant and high.is_constant and low.value > high.value:
            raise RuleError("the smaller one comes first", low.start, high.end, low.rule)
        node = tree.Between(source.node, low.node, high.node)
    return made(node, source.start, high.end, *parts)


def _comparable(left: Part, right: Part) -> None:
    """Numbers with numbers, times with times, and percent with what counts percent."""
    kinds = {left.kind, right.kind}
    if kinds == {Kind.TIME}:
        return
    if Kind.TIME in kinds:
        time, other = (left, right) if left.kind is Kind.TIME else (right, left)
        if other.kind in {Kind.NUMBER, Kind.POINTS}:
            if time.is_constant:
                raise time.fault(f"{time.written} is a time of day; only time can be compared with it")
            raise other.fault("time is compared with a time of day, such as 09:20")
    if Kind.PERCENTAGE in kinds:
        percentage, other = (left, right) if left.kind is Kind.PERCENTAGE else (right, left)
        if other.kind in {Kind.POINTS, Kind.PERCENTAGE} or (other.kind is Kind.NUMBER and other.is_constant):
            return
        if other.kind is Kind.NUMBER:
            advice = "add it to a number, as in close > vwap + 0.2%, or compare it with roc or gap"
            raise percentage.fault(f"{percentage.written} of what? {other.written} does not count percent; {advice}")
    number(left)
    number(right)


def arithmetic(operator: Operator, left: Part, right: Part) -> Part:
    """`a + b`, and `a + 0.2%`."""
    adds = operator in {Operator.ADD, Operator.SUBTRACT}
    number(left)
    if right.kind is Kind.PERCENTAGE and adds:
        return _moved(operator, left, right)
    number(right)
    if operator is Operator.DIVIDE and isinstance(right.node, tree.Number) and not right.value:
        raise right.fault("this divides by 0")
    if not (isinstance(left.node, tree.Number) and isinstance(right.node, tree.Number)):
        return made(tree.Binary(operator, left.node, right.node), left.start, right.end, left, right)
    match operator:
        case Operator.ADD:
            value = left.value + right.value
        case Operator.SUBTRACT:
            value = left.value - right.value
        case Operator.MULTIPLY:
            value = left.value * right.value
        case _:
            value = left.value / right.value
    return made(tree.Number(_rounded(value)), left.start, right.end, left, right)


def _moved(operator: Operator, left: Part, right: Part) -> Part:
    if left.kind is Kind.POINTS:
        amount = right.written.rstrip(" %")
        raise right.fault(f"{left.written} counts percent already; write {operator} {amount} without %")
    percent = right.value if operator is Operator.ADD else -right.value
    if isinstance(left.node, tree.Number):
        node: tree.Node = tree.Number(_rounded(left.value * (1 + percent / 100)))
    else:
        node = tree.Percent(left.node, percent) if percent else left.node
    return made(node, left.start, right.end, left, right)


def _rounded(value: float) -> float:
    return round(value, DECIMALS) + 0.0  # no negative zero


def negative(start: int, part: Part) -> Part:
    """`-x`; a percentage may have it too."""
    if part.kind is not Kind.PERCENTAGE:
        number(part)
    match part.node:
        case tree.Number(value=value):
            negated = Part(tree.Number(0.0 - value), part.kind, part.rule, start, part.end, part.depth)
            return negated if part.kind is Kind.PERCENTAGE else made(negated.node, start, part.end, part)
        case tree.Negative(source=source):
            return made(source, start, part.end, part)
        case node:
            return made(tree.Negative(node), start, part.end, part)


def opposite(start: int, part: Part) -> Part:
    """`not x`."""
    match condition(part).node:
        case tree.Constant(holds=holds):
            node: tree.Node = tree.Constant(not holds)
        case tree.Not(source=source):
            node = source
        case node:
            node = tree.Not(node)
    return made(node, start, part.end, part)


def joined(parts: Sequence[Part], *, every: bool) -> Part:
    """`a and b`, `a or b`: what constants settle is left out."""
    kept: list[tree.Node] = []
    settled = False
    for part in parts:
        match condition(part).node:
            case tree.Constant(holds=holds):
                settled |= holds is not every
            case tree.Every(parts=inside) if every:
                kept += inside
            case tree.AnyOf(parts=inside) if not every:
                kept += inside
            case node:
                kept.append(node)
    if settled or not kept:
        node = tree.Constant(settled is not every)
    elif len(kept) == 1:
        node = kept[0]
    else:
        node = tree.Every(tuple(kept)) if every else tree.AnyOf(tuple(kept))
    return made(node, parts[0].start, parts[-1].end, *parts)


def unchanging(part: Part) -> bool:
    """Whether another bar, timeframe or symbol makes no difference to it."""
    return isinstance(part.node, CONSTANTS)


def lasting(kind: Lasting, part: Part, bars: int, end: int) -> Part:
    """`x[n]`, `x within n bars`, `x for n bars`."""
    if kind is not tree.Ago:
        condition(part)
    elif part.kind not in {Kind.CONDITION, Kind.TIME}:
        number(part)
    no_change = unchanging(part) or (kind is tree.Ago and bars == 0)
    return made(part.node if no_change else kind(part.node, bars), part.start, end, part)
