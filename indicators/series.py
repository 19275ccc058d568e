"""What a rule reads: one number a bar."""

from abc import ABC, abstractmethod
from math import nan
from typing import ClassVar


class Series(ABC):
    """One number for each bar of a chart; `value` is that of the newest, nan while it is not known.

    A condition is a series too: 1 holds, 0 does not, nan is not known yet.
    """

    __slots__ = ("value",)

    remembers: ClassVar[bool] = True
    """False when `update` needs nothing but the bar at hand and what the others it reads are now."""
    is_certain: ClassVar[bool] = False
    """Whether it is known wherever all that it reads is."""
    is_strict: ClassVar[bool] = False
    """Whether it is not known wherever one of those that it reads is not."""

    def __init__(self) -> None:
        self.value = nan

    @property
    def ready(self) -> bool:
        """Whether the newest bar has a value."""
        return self.value == self.value  # only nan differs from itself

    @property
    def settles_after(self) -> int:
        """Bars of earlier days after which it no longer shows where its history began; 0 if today's are enough."""
        return 0

    @abstractmethod
    def update(self) -> None:
        """The chart has taken its next bar, and all that this reads is up to date."""


class Given(Series):
    """A series whose value its owner sets: how an indicator hands on what it worked out to another it is made of."""

    __slots__ = ()

    def update(self) -> None:
        """Nothing to read: the value was set."""
