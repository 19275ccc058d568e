"""Numbers made of numbers: not known where one of theirs is not."""

from collections.abc import Sequence
from math import nan

from indicators.series import Series


class Constant(Series):
    """The same on every bar."""

    __slots__ = ()
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def update(self) -> None:
        """It never changes."""


class Pair(Series):
    """Made of two numbers."""

    __slots__ = ("_left", "_right")
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, left: Series, right: Series) -> None:
        super().__init__()
        self._left, self._right = left, right


class Sum(Pair):
    """`left + right`."""

    __slots__ = ()

    def update(self) -> None:
        self.value = self._left.value + self._right.value


class Difference(Pair):
    """`left - right`."""

    __slots__ = ()

    def update(self) -> None:
        self.value = self._left.value - self._right.value


class Product(Pair):
    """`left * right`."""

    __slots__ = ()

    def update(self) -> None:
        self.value = self._left.value * self._right.value


class Quotient(Pair):
    """`left / right`; not known where `right` is 0."""

    __slots__ = ()
    is_certain = False

    def update(self) -> None:
        divisor = self._right.value
        self.value = self._left.value / divisor if divisor else nan


class Share(Quotient):
    """`left / right`, `right` being a constant that is not 0."""

    __slots__ = ()
    is_certain = True


class Moved(Series):
    """A number moved by so many percent of itself."""

    __slots__ = ("_percent", "_source")
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, source: Series, percent: float) -> None:
        super().__init__()
        self._source, self._percent = source, percent

    def update(self) -> None:
        value = self._source.value
        self.value = value + value * self._percent / 100


class Negated(Series):
    """`-source`."""

    __slots__ = ("_source",)
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, source: Series) -> None:
        super().__init__()
        self._source = source

    def update(self) -> None:
        self.value = -self._source.value


class Absolute(Series):
    """The size of a number, without its sign."""

    __slots__ = ("_source",)
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, source: Series) -> None:
        super().__init__()
        self._source = source

    def update(self) -> None:
        self.value = abs(self._source.value)


class Least(Series):
    """The smallest of several numbers."""

    __slots__ = ("_sources",)
    remembers = False
    is_certain = True
    is_strict = True

    def __init__(self, sources: Sequence[Series]) -> None:
        super().__init__()
        self._sources = tuple(sources)

    def update(self) -> None:
        values = [source.value for source in self._sources]
        self.value = nan if any(value != value for value in values) else min(values)  # noqa: PLR0124 - nan


class Greatest(Least):
    """The largest of several numbers."""

    __slots__ = ()

    def update(self) -> None:
        values = [source.value for source in self._sources]
        self.value = nan if any(value != value for value in values) else max(values)  # noqa: PLR0124 - nan
