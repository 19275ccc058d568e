"""What an indicator is: bars in, one number out, constant memory, NaN until ready."""

from abc import ABC, abstractmethod
from math import nan

from market.bar import Bar


class Indicator(ABC):
    """A streaming indicator. `value` is NaN and `ready` False until enough bars were seen."""

    name: str
    """As alerts and `debug` show it: `ema9`."""
    label: str
    """As a rule writes it: `ema(9)`."""
    value: float = nan
    ready: bool = False

    @abstractmethod
    def update(self, bar: Bar) -> None:
        """Take the next closed bar of the timeframe; bars come in order of time."""
