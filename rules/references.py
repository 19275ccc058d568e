"""What rules of one symbol read of another."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from indicators.charts import Charts
from rules.operators.elsewhere import Track, Tracked

if TYPE_CHECKING:
    from rules.recipe import Elsewhere, Recipe


class References:
    """The tracks of all symbols that rules refer to; shared by the symbols of one worker.

    A symbol that is referred to must take its bars before those that refer to it.
    """

    def __init__(self) -> None:
        self._tracks: dict[tuple[str, int, str], Track] = {}
        self._wanted: defaultdict[str, dict[tuple[int, str], Elsewhere]] = defaultdict(dict)

    @property
    def symbols(self) -> frozenset[str]:
        """Those that any rule refers to."""
        return frozenset(self._wanted)

    def expect(self, recipes: Iterable["Recipe"]) -> None:
        """These rules will be bound; before any symbol is asked to `keep`."""
        for recipe in recipes:
            for one in recipe.elsewhere:
                self._wanted[one.symbol][one.minutes, one.key] = one

    def track(self, symbol: str, minutes: int, key: str) -> Track:
        """A series of a symbol; it stays empty when that symbol is not watched."""
        return self._tracks.setdefault((symbol, minutes, key), Track())

    def keep(self, symbol: str, charts: Charts) -> int:
        """Have a symbol's new charts keep what others read of it; returns the minutes of history that wants."""
        deepest = 0
        for (minutes, key), one in self._wanted.get(symbol, {}).items():
            track = self.track(symbol, minutes, key)
            track.clear()
            bound = one.recipe.bind(charts, self)
            chart = charts.of(minutes)
            chart.series(f"track {key}", lambda: Tracked(chart, bound.series, track))  # noqa: B023 - called at once
            deepest = max(deepest, bound.minutes)
        return deepest
