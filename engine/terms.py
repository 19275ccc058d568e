"""A plan on the charts of one symbol: its conditions, levels and shown numbers as series."""

from math import nan

from engine.explanation import condition, distance
from engine.plan import Level, Rule, SidePlan
from indicators.charts import Charts
from indicators.series import Given, Series
from rules.recipe import Bound
from rules.references import References
from signals.signal import Condition

GIVEN = ("entry", "target", "stop")
"""Names that a shown number may use: prices of the signal, in rupees."""


class Watched:
    """A condition of one symbol, and how it is explained."""

    __slots__ = ("_rule", "_told", "series")

    def __init__(self, rule: Rule, bound: Bound) -> None:
        self._rule, self._told = rule, bound.told
        self.series = bound.series

    @property
    def needs_volume(self) -> bool:
        """It says nothing on a bar whose volume is incomplete."""
        return self._rule.recipe.needs_volume

    @property
    def holds(self) -> bool:
        """False also while it is not known."""
        return self.series.value == 1

    @property
    def distance_percent(self) -> float:
        """How far it is from holding; 0 when it holds, inf where that cannot be told."""
        return distance(self._rule.recipe.outline, self._told)

    def told(self) -> Condition:
        """As alerts and `debug` show it, on the bar at hand."""
        return condition(self._rule.recipe.outline, self._told)


class BoundLevel:
    """A target or a stop of one symbol."""

    __slots__ = ("_is_price", "series")

    def __init__(self, series: Series, *, is_price: bool) -> None:
        self.series, self._is_price = series, is_price

    def price(self, entry: float, sign: int, tick_size: float) -> float | None:
        """Its price for an entry at `entry`; `sign` is 1 when it lies above the entry and -1 when below.

        At least a tick away. None when it would be no price at all, nan when it is not known or already passed.
        """
        value = self.series.value
        if self._is_price:
            return value if (value - entry) * sign >= tick_size / 2 else nan
        if value != value:  # noqa: PLR0124 - nan
            return nan
        price = entry + sign * max(value, tick_size)
        return price if price > 0 else None


class Terms:
    """What a plan wants of one side, on one symbol."""

    __slots__ = ("_given", "_late", "_score", "entry", "exit", "minutes", "report", "stop", "target")

    def __init__(self, wanted: SidePlan, charts: Charts, references: References) -> None:
        binder = _Binder(charts, references)
        self.entry = tuple(map(binder.watched, wanted.entry))
        self.exit = tuple(map(binder.watched, wanted.exit))
        self.target, self.stop = binder.level(wanted.target), binder.level(wanted.stop)
        self._score = binder.series(wanted.score) if wanted.score else None
        self.report = tuple((name, binder.series(rule)) for name, rule in wanted.report)
        self._given, self._late = binder.given, tuple(binder.late)
        self.minutes = binder.minutes
        """Minutes of trading on earlier days that its numbers want."""

    def report_on(self, entry: float, target: float | None, stop: float | None) -> tuple[tuple[str, float], ...]:
        """The numbers to show with an entry, those that are known."""
        self._given["entry"].value = entry
        self._given["target"].value = nan if target is None else target
        self._given["stop"].value = nan if stop is None else stop
        for series in self._late:
            series.update()
        return tuple((name, series.value) for name, series in self.report if series.ready)

    @property
    def score_now(self) -> float | None:
        """Rank of a signal on the bar at hand; None without one."""
        return self._score.value if self._score is not None and self._score.ready else None


class _Binder:
    """Binds the rules of one side to a symbol's charts."""

    def __init__(self, charts: Charts, references: References) -> None:
        self._charts, self._references = charts, references
        self.given = {name: Given() for name in GIVEN}
        self.late: dict[Series, None] = {}
        self.minutes = 0

    def series(self, rule: Rule) -> Series:
        return self._bound(rule).series

    def watched(self, rule: Rule) -> Watched:
        return Watched(rule, self._bound(rule))

    def level(self, level: Level | None) -> BoundLevel | None:
        return BoundLevel(self.series(level.rule), is_price=level.is_price) if level else None

    def _bound(self, rule: Rule) -> Bound:
        bound = rule.recipe.bind(self._charts, self._references, self.given)
        self.minutes = max(self.minutes, bound.minutes)
        self.late.update(dict.fromkeys(bound.late))
        return bound
