"""Who says on which side a closed bar is: rules, or a strategy in Python."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import inf, isfinite
from typing import TypeAlias

from engine.terms import Terms
from indicators.series import Series
from market.bar import Bar
from rules.operators.comparison import COMPARE, Compare, Comparison
from rules.recipe import Bound
from signals.signal import Condition, Side, Unmet
from strategies.strategy import Strategy

Nearness: TypeAlias = tuple[int, float]
"""How many conditions do not hold, and how far the farthest of them is from holding, in percent; in order of value."""

SIDES = (Side.LONG, Side.SHORT)
Verdict: TypeAlias = tuple[bool, Side | None]
"""Whether a strategy could be asked on a bar, and the side it told."""
UNKNOWN: Verdict = (False, None)
VERDICTS: Mapping[Side | None, Verdict] = {side: (True, side) for side in (None, *SIDES)}


class Judge(ABC):
    """Asked on each closed bar of one symbol, once its chart has taken it."""

    __slots__ = ("needs_volume", "shown")

    def __init__(self, shown: Mapping[str, Series], *, needs_volume: bool) -> None:
        self.shown = shown
        """Series by the names that alerts and `debug` show them under."""
        self.needs_volume = needs_volume
        """It says nothing on a bar whose volume is incomplete."""

    @property
    @abstractmethod
    def ready(self) -> bool:
        """Whether everything it reads is known on the bar at hand."""

    @abstractmethod
    def side(self, bar: Bar) -> Side | None:
        """The side whose entry conditions all hold; asked only when ready."""

    def verdict(self, bar: Bar) -> Verdict:
        """Whether it could be asked, and the side it then told."""
        return (True, self.side(bar)) if self.ready else UNKNOWN

    @abstractmethod
    def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
        """Each entry condition of that side, on the bar at hand."""

    @abstractmethod
    def unmet(self, bar: Bar, side: Side) -> tuple[Unmet, ...]:
        """Those of them that do not hold."""

    def nearness(self, bar: Bar, side: Side) -> Nearness:
        """How near that side is to holding."""
        unmet = self.unmet(bar, side)
        return len(unmet), max((each.distance_percent for each in unmet), default=0.0)


class RuleJudge(Judge):
    """Asks the rules of a strategy file or of config.toml.

    Nearly every rule compares two series. Which of the series it reads those are is the same for every symbol, and so
    kept once: what a bar touches for each of 2,000 symbols is what the time goes into.
    """

    __slots__ = ("_every", "_is_certain", "_is_strict", "_long", "_read", "_short", "_terms")

    def __init__(self, terms: Mapping[Side, Terms], shown: Mapping[str, Series], *, needs_volume: bool) -> None:
        super().__init__(shown, needs_volume=needs_volume)
        self._terms = terms
        rules = {side: [each.bound for each in wanted.entry] for side, wanted in terms.items()}
        levels = (level.bound for each in terms.values() for level in (each.target, each.stop) if level)
        every = (*(rule for each in rules.values() for rule in each), *levels)
        self._read = tuple(dict.fromkeys(series for each in every for series in each.reads))
        self._every = every
        self._is_certain = all(each.is_certain for each in every)
        self._is_strict = all(each.is_strict for each in every)
        self._long, self._short = (_entry(rules[side], self._read) if side in rules else None for side in SIDES)

    @property
    def ready(self) -> bool:
        # The first bar on which the last average is ready is no news about the others, so all must be known.
        return self._known(sum(series.value for series in self._read))

    def side(self, bar: Bar) -> Side | None:
        del bar  # the series have taken it
        return self._side([series.value for series in self._read])

    def verdict(self, bar: Bar) -> Verdict:
        del bar
        values = [series.value for series in self._read]
        return VERDICTS[self._side(values)] if self._known(sum(values)) else UNKNOWN

    def _known(self, total: float) -> bool:
        """`total` of what it reads is nan when anything of it is."""
        if total == total:  # noqa: PLR0124 - only nan differs from itself
            return self._is_certain or self._all_known()
        return not self._is_strict and self._all_known()

    def _side(self, values: Sequence[float]) -> Side | None:
        long = self._long is not None and _holds(self._long, values)
        short = self._short is not None and _holds(self._short, values)
        if long is short:
            return None  # neither, or a contradiction
        return Side.LONG if long else Side.SHORT

    def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
        del bar
        return tuple(each.told() for each in self._terms[side].entry) if side in self._terms else ()

    def unmet(self, bar: Bar, side: Side) -> tuple[Unmet, ...]:
        del bar
        entry = self._terms[side].entry if side in self._terms else ()
        return tuple(Unmet(each.told(), each.distance_percent) for each in entry if not each.holds)

    def nearness(self, bar: Bar, side: Side) -> Nearness:
        del bar
        number, farthest = 0, 0.0
        for each in self._terms[side].entry:  # asked of every symbol at once: nothing is told that is not wanted
            if not each.holds:
                number += 1
                farthest = max(farthest, each.distance_percent)
        return number, farthest

    def _all_known(self) -> bool:
        """Whether every condition and level is; `a or b` is known where `a` holds, whatever `b` is."""
        known = 0.0
        for rule in self._every:
            known += rule.now()
        return known == known  # noqa: PLR0124 - only nan differs from itself


Entry: TypeAlias = tuple[tuple[tuple[Compare, int, int], ...], tuple[Bound, ...]]
"""The conditions of one side: comparisons of what is read, by position, and all others."""

_kept: dict[object, tuple[tuple[Compare, int, int], ...]] = {}


def _entry(rules: Sequence[Bound], read: Sequence[Series]) -> Entry:
    plain, others = [], []
    for rule in rules:
        alone = rule.late[0] if len(rule.late) == 1 else None
        if isinstance(alone, Comparison):
            left, right = alone.sides
            plain.append((COMPARE[type(alone)], read.index(left), read.index(right)))
        else:
            others.append(rule)
    shared = tuple(plain)
    return _kept.setdefault(shared, shared), tuple(others)


def _holds(entry: Entry, values: Sequence[float]) -> bool:
    """Whether all conditions of a side hold; asked once everything they read is known. Hot: for each bar."""
    plain, others = entry
    for compare, left, right in plain:
        if not compare(values[left], values[right]):
            return False
    return not others or all(rule.now() == 1 for rule in others)


class PythonJudge(Judge):
    """Asks a strategy that is written in Python."""

    __slots__ = ("_strategy",)

    def __init__(self, strategy: Strategy, shown: Mapping[str, Series], *, needs_volume: bool) -> None:
        """`shown`: what its levels read, besides its own series; `needs_volume`: whether they do."""
        super().__init__({**strategy.shown, **shown}, needs_volume=needs_volume or strategy.needs_volume)
        self._strategy = strategy

    @property
    def ready(self) -> bool:
        return all(series.ready for series in self.shown.values())

    def side(self, bar: Bar) -> Side | None:
        side = self._strategy.side(bar)
        # A user's own strategy may well answer "LONG", which equals the member and is not it.
        return None if side is None else Side(side)

    def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
        return tuple(map(_sound, self._strategy.conditions(bar, side)))

    def unmet(self, bar: Bar, side: Side) -> tuple[Unmet, ...]:
        return tuple(Unmet(each, _away(each)) for each in self.conditions(bar, side) if not each.ok)


def _sound(told: Condition) -> Condition:
    """What a user's own strategy told, in the types that it should have; what is none ends its symbol, here and now."""
    ok = None if told.ok is None else bool(told.ok)
    return Condition(str(told.text), float(told.left), float(told.right), ok, tuple(map(_sound, told.parts)))


def _away(condition: Condition) -> float:
    margin = abs(condition.margin_percent)
    return margin if isfinite(margin) else inf
