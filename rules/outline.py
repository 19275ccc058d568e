"""What a rule is made of, as it is explained to people: its conditions, and what each of them compares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TypeAlias

from rules import tree
from rules.text import text

Place: TypeAlias = Callable[[tree.Node, int], int]
"""Where the series of a node on bars of so many minutes is found among those a rule is explained with."""


class Kind(Enum):
    """What makes a condition hold."""

    PLAIN = auto()
    """Nothing to compare: a candlestick pattern, a time of day, another symbol's condition."""
    COMPARES = auto()
    """Two sides."""
    CROSSES_ABOVE = auto()
    """Two sides; the first must come from below, or from the second's own level."""
    CROSSES_BELOW = auto()
    BETWEEN = auto()
    """A number and two bounds."""
    OPPOSITE = auto()
    """Its one part, or its two sides when that compares, must not hold."""
    EVERY = auto()
    ANY = auto()
    COUNTS = auto()
    """Two sides, the first of them how many of its parts hold."""
    WITHIN = auto()
    """Its one part held on one of the last bars."""
    THROUGHOUT = auto()
    """Its one part held on each of the last bars."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One condition of a rule; numbers are places among the series it is explained with."""

    text: str
    kind: Kind
    at: int
    sides: tuple[int, ...] = ()
    parts: tuple["Outline", ...] = ()


_CROSSINGS = {
    tree.Operator.CROSSES_ABOVE: Kind.CROSSES_ABOVE,
    tree.Operator.CROSSES_BELOW: Kind.CROSSES_BELOW,
}


def outlined(  # noqa: C901, PLR0911 - one case for each kind of node
    node: tree.Node, minutes: int, place: Place, written: str = ""
) -> Outline:
    """The outline of a rule on bars of `minutes`; it goes by the text `written`, else by its own."""
    own, at = written or text(node), place(node, minutes)

    def parts(nodes: tuple[tree.Node, ...]) -> tuple[Outline, ...]:
        return tuple(outlined(one, minutes, place) for one in nodes)

    def sides(*nodes: tree.Node) -> tuple[int, ...]:
        return tuple(place(one, minutes) for one in nodes)

    match node:
        case tree.Binary(operator=operator, left=left, right=right) if operator in tree.COMPARISONS:
            counted = tuple(condition for side in (left, right) for condition in _counted(side))
            counts = isinstance(left, tree.Count) and operator is tree.Operator.AT_LEAST
            kind = Kind.COUNTS if counts else _CROSSINGS.get(operator, Kind.COMPARES)
            return Outline(own, kind, at, sides(left, right), parts(counted))
        case tree.Between():
            return Outline(own, Kind.BETWEEN, at, sides(node.source, node.low, node.high))
        case tree.Not(source=source):
            inner = outlined(source, minutes, place)
            if inner.kind is Kind.COMPARES and not inner.parts:
                return Outline(own, Kind.OPPOSITE, at, inner.sides)
            return Outline(own, Kind.OPPOSITE, at, parts=(inner,))
        case tree.Every():
            return Outline(own, Kind.EVERY, at, parts=parts(node.parts))
        case tree.AnyOf():
            return Outline(own, Kind.ANY, at, parts=parts(node.parts))
        case tree.Within():
            return Outline(own, Kind.WITHIN, at, parts=parts((node.source,)))
        case tree.Throughout():
            return Outline(own, Kind.THROUGHOUT, at, parts=parts((node.source,)))
        case tree.On(source=source):
            # Its own timeframe may go on meanwhile; what counts is how it stood on this chart's last bar.
            return replace(outlined(source, node.minutes, place, own), at=at)
        case _:
            return Outline(own, Kind.PLAIN, at)


def _counted(node: tree.Node) -> Iterator[tree.Node]:
    """The conditions that a number counts."""
    if isinstance(node, tree.Count):
        yield from node.parts
    elif isinstance(node, tree.Binary):
        yield from (*_counted(node.left), *_counted(node.right))
