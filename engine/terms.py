"""A plan on the charts of one symbol: its conditions, levels and shown numbers as series."""

from math import nan

from engine.explanation import condition, distance
from engine.plan import Level, Rule, SidePlan
from indicators.charts import Charts
from indicators.series import Given
from rules.recipe import Bound
from rules.references import References
from rules.words import SIGNAL_PRICES
from signals.signal import Condition


class Watched:
    """A condition of one symbol, and how it is explained."""

    __slots__ = ("_rule", "bound")

    def __init__(self, rule: Rule, bound: Bound) -> None:
        self._rule, self.bound = rule, bound

    @property
    def needs_volume(self) -> bool:
        """It says nothing on a bar whose volume is incomplete."""
        return self._rule.recipe.needs_volume

    @property
    def holds(self) -> bool:
        """False also while it is not known."""
        return self.bound.now() == 1

    @property
    def distance_percent(self) -> float:
        """How far it is from holding; 0 when it holds, inf where that cannot be told."""
        self.bound.now()
        return distance(self._rule.recipe.outline, self.bound.told)

    def told(self) -> Condition:
        """As alerts and `debug` show it, on the bar at hand."""
        self.bound.now()
        return condition(self._rule.recipe.outline, self.bound.told)


class BoundLevel:
    """A target or a stop of one symbol."""

    __slots__ = ("_is_price", "bound")

    def __init__(self, bound: Bound, *, is_price: bool) -> None:
        self.bound, self._is_price = bound, is_price

    def price(self, entry: float, sign: int, tick_size: float) -> float | None:
        """Its price for an entry at `entry`; `sign` is 1 when it lies above the entry and -1 when below.

        At least a tick away. None when it would be no price at all, nan when it is not known or already passed.
        """
        value = self.bound.now()
        if self._is_price:
            return value if (value - entry) * sign >= tick_size / 2 else nan
        if value != value:  # noqa: PLR0124 - nan
            return nan
        price = entry + sign * max(value, tick_size)
        return price if price > 0 else None


class Terms:
    """What a plan wants of one side, on one symbol."""

    __slots__ = ("_given", "_report", "_score", "entry", "exit", "minutes", "stop", "target")

    def __init__(self, wanted: SidePlan, charts: Charts, references: References) -> None:
        binder = _Binder(charts, references)
        self.entry = tuple(map(binder.watched, wanted.entry))
        """All must hold."""
        self.exit = tuple(map(binder.watched, wanted.exit))
        """Any ends the signal."""
        self.target, self.stop = binder.level(wanted.target), binder.level(wanted.stop)
        self._score = binder.bound(wanted.score) if wanted.score else None
        self._report = tuple((name, binder.bound(rule)) for name, rule in wanted.report)
        self._given = binder.given
        self.minutes = binder.minutes
        """Minutes of trading on earlier days that its numbers want."""

    def report_on(self, entry: float, target: float | None, stop: float | None) -> tuple[tuple[str, float], ...]:
        """The numbers to show with an entry, those that are known."""
        self._given["entry"].value = entry
        self._given["target"].value = nan if target is None else target
        self._given["stop"].value = nan if stop is None else stop
        told = ((name, rule.now()) for name, rule in self._report)
        return tuple((name, value) for name, value in told if value == value)  # noqa: PLR0124 - only what is known

    @property
    def score_now(self) -> float | None:
        """Rank of a signal on the bar at hand; None without one."""
        score = self._score.now() if self._score is not None else nan
        return score if score == score else None  # noqa: PLR0124 - nan


class _Binder:
    """Binds the rules of one side to a symbol's charts."""

    def __init__(self, charts: Charts, references: References) -> None:
        self._charts, self._references = charts, references
        self.given = {name: Given() for name in SIGNAL_PRICES}
        self.minutes = 0

    def bound(self, rule: Rule) -> Bound:
        bound = rule.recipe.bind(self._charts, self._references, self.given)
        self.minutes = max(self.minutes, bound.minutes)
        return bound

    def watched(self, rule: Rule) -> Watched:
        return Watched(rule, self.bound(rule))

    def level(self, level: Level | None) -> BoundLevel | None:
        return BoundLevel(self.bound(level.rule), is_price=level.is_price) if level else None
