"""Conditions made of conditions.

What is not known stays not known, unless the rest decides: `false and unknown` is false, `true or unknown` is true.
"""

from collections.abc import Sequence
from math import nan

from indicators.series import Series


class Opposite(Series):
    """`not source`."""

    __slots__ = ("_source",)
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, source: Series) -> None:
        super().__init__()
        self._source = source

    def update(self) -> None:
        self.value = 1.0 - self._source.value


class Several(Series):
    """Made of several conditions."""

    __slots__ = ("_parts",)
    remembers = False
    is_certain = True

    def __init__(self, parts: Sequence[Series]) -> None:
        super().__init__()
        self._parts = tuple(parts)


class Every(Several):
    """`a and b and c`."""

    __slots__ = ()

    def update(self) -> None:
        verdict = 1.0
        for part in self._parts:
            value = part.value
            if value == 0:
                self.value = 0.0
                return
            if value != 1:
                verdict = nan
        self.value = verdict


class AnyOf(Several):
    """`a or b or c`."""

    __slots__ = ()

    def update(self) -> None:
        verdict = 0.0
        for part in self._parts:
            value = part.value
            if value == 1:
                self.value = 1.0
                return
            if value != 0:
                verdict = nan
        self.value = verdict


class Number(Several):
    """How many hold; not known while one of them is not."""

    __slots__ = ()
    is_strict = True

    def update(self) -> None:
        self.value = sum(part.value for part in self._parts)
