"""What was, some bars ago."""

from collections import deque
from math import nan

from indicators.series import Series


class Ago(Series):
    """A number or condition as it was `bars` bars before."""

    __slots__ = ("_past", "_source")

    def __init__(self, source: Series, bars: int) -> None:
        super().__init__()
        self._source = source
        self._past = deque([nan] * (bars + 1), bars + 1)

    def update(self) -> None:
        past = self._past
        past.append(self._source.value)
        self.value = past[0]


class Within(Series):
    """Whether a condition held on at least one of the last `bars` bars.

    Not known while none did and one of them is not known.
    """

    __slots__ = ("_bars", "_source", "_true", "_unknown")

    def __init__(self, source: Series, bars: int) -> None:
        super().__init__()
        self._source, self._bars = source, bars
        self._true, self._unknown = 0, bars
        """How many more bars the last one that held, or was not known, is among them."""

    def update(self) -> None:
        self._true -= 1
        self._unknown -= 1
        now = self._source.value
        if now == 1:
            self._true = self._bars
        elif now != 0:
            self._unknown = self._bars
        self.value = 1.0 if self._true > 0 else nan if self._unknown > 0 else 0.0


class Throughout(Series):
    """Whether a condition held on each of the last `bars` bars.

    Not known while it held on all that are known, and one of them is not.
    """

    __slots__ = ("_bars", "_false", "_source", "_unknown")

    def __init__(self, source: Series, bars: int) -> None:
        super().__init__()
        self._source, self._bars = source, bars
        self._false, self._unknown = 0, bars
        """How many more bars the last one on which it did not hold, or was not known, is among them."""

    def update(self) -> None:
        self._false -= 1
        self._unknown -= 1
        now = self._source.value
        if now == 0:
            self._false = self._bars
        elif now != 1:
            self._unknown = self._bars
        self.value = 0.0 if self._false > 0 else nan if self._unknown > 0 else 1.0
