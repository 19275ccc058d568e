"""Conditions made of numbers: 1 holds, 0 does not, nan where a number is not known.

A comparison with nan is false both ways, so what is neither above nor at most is not known.
"""

import operator
from collections.abc import Callable, Mapping
from math import nan
from typing import TypeAlias

from indicators.series import Series
from rules.operators.arithmetic import Pair


class Comparison(Pair):
    """One number against another."""

    __slots__ = ()

    @property
    def sides(self) -> tuple[Series, Series]:
        """What it compares."""
        return self._left, self._right


class Above(Comparison):
    """`left > right`."""

    __slots__ = ()

    def update(self) -> None:
        left, right = self._left.value, self._right.value
        self.value = 1.0 if left > right else 0.0 if left <= right else nan


class AtLeast(Comparison):
    """`left >= right`."""

    __slots__ = ()

    def update(self) -> None:
        left, right = self._left.value, self._right.value
        self.value = 1.0 if left >= right else 0.0 if left < right else nan


class Below(Comparison):
    """`left < right`."""

    __slots__ = ()

    def update(self) -> None:
        left, right = self._left.value, self._right.value
        self.value = 1.0 if left < right else 0.0 if left >= right else nan


class AtMost(Comparison):
    """`left <= right`."""

    __slots__ = ()

    def update(self) -> None:
        left, right = self._left.value, self._right.value
        self.value = 1.0 if left <= right else 0.0 if left > right else nan


class Equal(Comparison):
    """`left == right`."""

    __slots__ = ()

    def update(self) -> None:
        left, right = self._left.value, self._right.value
        self.value = 1.0 if left == right else 0.0 if left < right or left > right else nan


class Different(Comparison):
    """`left != right`."""

    __slots__ = ()

    def update(self) -> None:
        left, right = self._left.value, self._right.value
        self.value = 0.0 if left == right else 1.0 if left < right or left > right else nan


class CrossesAbove(Pair):
    """`left` is above `right` and was not one bar ago; not known before both were known on two bars in a row.

    Source: TradingView's `ta.crossover`.
    """

    __slots__ = ("_was",)
    remembers = True
    is_certain = False

    def __init__(self, left: Series, right: Series) -> None:
        super().__init__(left, right)
        self._was = nan
        """`left - right` one bar ago."""

    def update(self) -> None:
        was, now = self._was, self._left.value - self._right.value
        self._was = now
        # Of the difference only the sign counts, and that is exact: floats are gradual towards 0.
        self.value = (1.0 if was <= 0 < now else 0.0) if was == was and now == now else nan  # noqa: PLR0124 - nan


class CrossesBelow(CrossesAbove):
    """`left` is below `right` and was not one bar ago. Source: TradingView's `ta.crossunder`."""

    __slots__ = ()

    def update(self) -> None:
        was, now = self._was, self._left.value - self._right.value
        self._was = now
        self.value = (1.0 if now < 0 <= was else 0.0) if was == was and now == now else nan  # noqa: PLR0124 - nan


class Between(Series):
    """`low <= source <= high`."""

    __slots__ = ("_high", "_low", "_source")
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, source: Series, low: Series, high: Series) -> None:
        super().__init__()
        self._source, self._low, self._high = source, low, high

    def update(self) -> None:
        value, low, high = self._source.value, self._low.value, self._high.value
        if value != value or low != low or high != high:  # noqa: PLR0124 - nan
            self.value = nan
        else:
            self.value = 1.0 if low <= value <= high else 0.0


Compare: TypeAlias = Callable[[float, float], bool]
COMPARE: Mapping[type[Comparison], Compare] = {
    Above: operator.gt,
    AtLeast: operator.ge,
    Below: operator.lt,
    AtMost: operator.le,
    Equal: operator.eq,
    Different: operator.ne,
}
"""What each of them asks of two numbers that are known."""
