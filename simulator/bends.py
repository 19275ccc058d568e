"""Faults that change, drop, double or reorder messages."""

from abc import abstractmethod
from collections.abc import Sequence

from simulator.faults import Fault, Victim
from simulator.wire import Message, Wire


class Bend(Fault):
    """Changes the next `count` messages of a connection. An object serves once."""

    wire: Wire

    def __init__(self, count: int) -> None:
        self.left = count

    def strike(self, victim: Victim) -> None:
        self.wire = victim.wire
        victim.add_bend(self)

    @property
    def is_over(self) -> bool:
        """Nothing more will change."""
        return self.left == 0

    def bend(self, messages: Sequence[Message]) -> list[Message]:
        """What to send for `messages`."""
        mine, others = messages[: self.left], messages[self.left :]
        self.left -= len(mine)
        return [*self.change(mine), *others]

    @abstractmethod
    def change(self, messages: Sequence[Message]) -> Sequence[Message]:
        """What to send for messages that are all within the count."""

    def rest(self) -> Sequence[Message]:
        """What is still held back when the session ends."""
        return ()


class Repeat(Bend):
    """Each message comes twice."""

    def change(self, messages: Sequence[Message]) -> Sequence[Message]:
        return [message for message in messages for _ in range(2)]


class Lose(Bend):
    """The messages never come."""

    def change(self, messages: Sequence[Message]) -> Sequence[Message]:
        return messages[:0]


class NeverTraded(Bend):
    """The messages say that the instrument did not trade today: trade time 0."""

    def change(self, messages: Sequence[Message]) -> Sequence[Message]:
        return [self.wire.never_traded(message) for message in messages]


class LowerVolume(Bend):
    """The day volume steps back."""

    def __init__(self, count: int, by: int) -> None:
        super().__init__(count)
        self._by = by

    def change(self, messages: Sequence[Message]) -> Sequence[Message]:
        return [self.wire.volume_lowered(message, self._by) for message in messages]


class Delay(Bend):
    """The messages come after the `behind` messages that should have followed them."""

    def __init__(self, count: int, behind: int = 0) -> None:
        super().__init__(count)
        self._behind = behind
        self._held: list[Message] = []

    @property
    def is_over(self) -> bool:
        return not (self.left or self._held)

    def change(self, messages: Sequence[Message]) -> Sequence[Message]:
        self._held += messages
        return ()

    def bend(self, messages: Sequence[Message]) -> list[Message]:
        others = super().bend(messages)
        if self.left:
            return others
        overtaking = others[: self._behind]
        self._behind -= len(overtaking)
        return others if self._behind else [*overtaking, *self.rest(), *others[len(overtaking) :]]

    def rest(self) -> Sequence[Message]:
        held, self._held = self._held, []
        return self.released(held)

    def released(self, held: list[Message]) -> Sequence[Message]:
        """How the messages come at last."""
        return held


class Reverse(Delay):
    """The messages come in reverse order."""

    def released(self, held: list[Message]) -> Sequence[Message]:
        return held[::-1]


class Stack(Delay):
    """The packets come stacked in one binary message."""

    def released(self, held: list[Message]) -> Sequence[Message]:
        return [b"".join(message for message in held if isinstance(message, bytes))] if held else []
