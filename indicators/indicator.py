"""What an indicator is: bars in, one number out, constant memory, NaN until ready."""

from abc import ABC, abstractmethod
from math import nan
from typing import Annotated, TypeAlias

from annotated_types import Interval

from market.bar import Bar

Length: TypeAlias = Annotated[int, Interval(ge=1, le=10_000)]
"""How many bars an indicator looks back on; as a strategy's parameter it is checked when config.toml is read."""


class Indicator(ABC):
    """A streaming indicator. `value` is NaN and `ready` False until enough bars were seen."""

    __slots__ = ("label", "name", "ready", "value")

    def __init__(self, name: str, label: str) -> None:
        self.name = name
        """As alerts and `debug` show it: `ema9`."""
        self.label = label
        """As a rule writes it: `ema(9)`."""
        self.value = nan
        self.ready = False

    @property
    def settles_after(self) -> int:
        """Bars of earlier days after which it no longer shows where its history began; 0 if today's are enough."""
        return 0

    @abstractmethod
    def update(self, bar: Bar) -> None:
        """Take the next closed bar of the timeframe; bars come in order of time."""
