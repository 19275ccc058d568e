"""A rule explained on the bar at hand: what holds, both sides of what it compares, and how far it is from holding."""

from collections.abc import Sequence
from math import ceil, inf, isfinite, nan

from indicators.series import Series
from rules.outline import Kind, Outline
from signals.signal import Condition


def condition(outline: Outline, told: Sequence[Series]) -> Condition:
    """As alerts and `debug` show it; `told` are the series that the outline speaks of."""
    left, right = _sides(outline, told)
    value = told[outline.at].value
    parts = tuple(condition(part, told) for part in outline.parts)
    return Condition(outline.text, left, right, bool(value) if isfinite(value) else None, parts)


def distance(outline: Outline, told: Sequence[Series]) -> float:  # noqa: C901, PLR0911 - one case for each kind
    """How far its numbers are from making it hold, in percent: 0 when it holds, inf where that cannot be told.

    The least move there is: the nearest part of `a or b`, the farthest of `a and b`. A crossing that has already
    happened must first go back, so it cannot be told.
    """
    value = told[outline.at].value
    if value == 1:
        return 0.0
    if value != value:  # noqa: PLR0124 - nan: not known
        return inf
    match outline.kind:
        case Kind.COMPARES | Kind.BETWEEN:
            return _apart(*_sides(outline, told))
        case Kind.CROSSES_ABOVE | Kind.CROSSES_BELOW:
            left, right = _sides(outline, told)
            beyond = left > right if outline.kind is Kind.CROSSES_ABOVE else left < right
            return inf if beyond else _apart(left, right)
        case Kind.OPPOSITE if outline.sides:
            return _apart(*_sides(outline, told))
        case Kind.EVERY:
            return max(distance(part, told) for part in outline.parts)
        case Kind.ANY:
            return min(distance(part, told) for part in outline.parts)
        case Kind.COUNTS:
            held, wanted = _sides(outline, told)
            lacking = sorted(away for part in outline.parts if (away := distance(part, told)))
            return lacking[ceil(wanted - held) - 1] if wanted - held <= len(lacking) else inf
        case Kind.WITHIN:
            return distance(outline.parts[0], told)
        case Kind.THROUGHOUT:
            return distance(outline.parts[0], told) or inf  # it holds, but not for long enough
        case _:
            return inf


def _sides(outline: Outline, told: Sequence[Series]) -> tuple[float, float]:
    """What is compared with what: a number between two bounds with the one that decides."""
    values = [told[place].value for place in outline.sides]
    if len(values) == 3:
        value, low, high = values
        return value, low if value - low < high - value else high
    return (values[0], values[1]) if values else (nan, nan)


def _apart(left: float, right: float) -> float:
    return abs((left - right) / right) * 100 if right else inf
