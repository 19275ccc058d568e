"""How far a target or a stop is from the entry, as a trader writes it."""

import re
from dataclasses import dataclass
from enum import Enum

_WRITTEN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(%|atr)?", re.ASCII | re.IGNORECASE)


class Measure(Enum):
    """What the amount of a level counts."""

    POINTS = "points"
    PERCENT = "%"
    ATR = "atr"


@dataclass(frozen=True, slots=True)
class Level:
    """A distance from the entry price."""

    measure: Measure
    amount: float
    """Above 0: rupees, percent of the entry price (below 100), or multiples of the average true range."""

    def distance(self, price: float, atr: float) -> float:
        """The distance in rupees from an entry at `price`; nan when it needs an `atr` that is nan."""
        match self.measure:
            case Measure.POINTS:
                return self.amount
            case Measure.PERCENT:
                return price * self.amount / 100
            case Measure.ATR:
                return atr * self.amount


def parse_level(text: str) -> Level | None:
    """Read `12.5` (points), `1 %` (of the price) or `1.5 atr`; None for an empty text.

    Raises: ValueError, when it is none of these, 0, or not less than the whole price.
    """
    if not text.strip():
        return None
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(f"not a distance: {text}")
    level = Level(Measure((written[2] or "points").lower()), float(written[1]))
    if level.amount == 0:
        raise ValueError("a distance of 0 ends every signal at once")
    if level.measure is Measure.PERCENT and level.amount >= 100:
        raise ValueError("the whole price or more")
    return level
