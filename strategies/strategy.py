"""What a strategy is: it reads its indicators on a closed bar and says which side they are on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from indicators.series import Series
from market.bar import Bar
from signals.signal import Condition, Side


class Strategy(ABC):
    """A strategy for one symbol; it is asked only when every indicator is ready."""

    __slots__ = ("shown",)
    needs_volume = True
    """A rule on volume or VWAP: it stays silent on a bar whose volume is incomplete."""

    def __init__(self, shown: Mapping[str, Series]) -> None:
        """`shown`: the series it reads, by the names that alerts and `debug` show them under; all must be ready."""
        self.shown = shown

    @property
    def ready(self) -> bool:
        """Whether it can be asked on the bar at hand."""
        return all(series.ready for series in self.shown.values())

    @abstractmethod
    def side(self, bar: Bar) -> Side | None:
        """The side whose entry conditions all hold on this closed bar, or None."""

    @abstractmethod
    def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
        """Each entry condition of that side with both values; all are `ok` exactly when `side(bar)` is that side."""
