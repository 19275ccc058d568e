"""What a comparison of two sides' bars comes to."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one bar that is not the same on both sides."""

    symbol: str
    start_ms: int
    """Start of the bar, epoch milliseconds UTC."""
    field: str
    ours: float
    theirs: float
    steps: float
    """Ours less theirs: ticks of a price, units of volume."""
    percent: float | None
    """Of theirs; None where that is 0."""


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """One field over all bars that both sides have."""

    field: str
    compared: int
    differing: int
    median_steps: float | None
    """Size of the differences there are, without sign; None when there is none."""
    median_percent: float | None
    worst: Difference | None
    """The largest by percent."""

    @property
    def equal(self) -> int:
        return self.compared - self.differing


@dataclass(frozen=True, slots=True)
class Gap:
    """Minutes in a row that one side has no bar of."""

    symbol: str
    first_ms: int
    """Start of the first of them, epoch milliseconds UTC."""
    bars: int


@dataclass(frozen=True, slots=True)
class SymbolFigures:
    """One symbol that is not the same on both sides."""

    symbol: str
    compared: int
    differing: int
    """Bars with a field that differs."""
    missing_ours: int
    missing_theirs: int
    worst: Difference | None
    """The price that differs most by percent, or else the volume."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything about two sets of bars but what comes of them."""

    symbols: int
    """On both sides."""
    bars: int
    """That both sides have."""
    differing: int
    """Of these, bars with a field that differs."""
    differing_partial: int
    """Of these, bars of ours that are known to lack trades."""
    filled: int
    """Bars without a trade with which the broker fills a minute that has none here: not counted as missing."""
    fields: tuple[FieldFigures, ...]
    missing_ours: tuple[Gap, ...]
    missing_theirs: tuple[Gap, ...]
    unequal: tuple[SymbolFigures, ...]
    """Worst first: by bars that differ or are missing, then by the worst price."""
    advice: str
    """What setting would make the sides more alike, in one sentence; empty for none."""

    @property
    def equal_symbols(self) -> int:
        """Symbols with the same bars on both sides."""
        return self.symbols - len(self.unequal)

    @property
    def worst(self) -> Difference | None:
        """The price that differs most by percent over all symbols, or else the volume."""
        return worst_of(each.worst for each in self.unequal)


def worst_of(differences: Iterable[Difference | None]) -> Difference | None:
    """The price that differs most by percent, or else the volume that does."""
    return max((each for each in differences if each is not None), key=badness, default=None)


def badness(difference: Difference) -> tuple[bool, float]:
    """What differences are sorted by."""
    percent = difference.percent
    return difference.field != "volume", float("inf") if percent is None else abs(percent)
