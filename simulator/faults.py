"""Faults on demand: what can happen to a connection of the local exchange, and the script that says when."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from simulator.wire import Message, Wire

if TYPE_CHECKING:
    from simulator.bends import Bend
    from simulator.handshakes import Answer


class Victim(Protocol):
    """What a fault can do to a connection."""

    wire: Wire

    def kick(self, reason: int) -> None:
        """Send the broker's goodbye and close."""

    def close(self, code: int, reason: str) -> None:
        """Close by the websocket's own handshake."""

    def reset(self) -> None:
        """Tear the TCP connection down with a reset."""

    def fall_mute(self) -> None:
        """Keep TCP open but neither send nor answer anything any more."""

    def withhold(self) -> None:
        """Send no message any more; PING and PONG go on."""

    def cut_next(self, size: int, rest_after_s: float | None) -> None:
        """Send only `size` bytes of the next frame and stall; go on after `rest_after_s` if it is given."""

    def delay(self, seconds: float) -> None:
        """From now on every message goes out this much later."""

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are, below the websocket."""

    def send_messages(self, messages: Sequence[Message]) -> None:
        """Send messages that no bend changes."""

    def add_bend(self, bend: "Bend") -> None:
        """Let the next messages pass through `bend`."""


class Fault(ABC):
    """Something that happens to one connection at one moment."""

    @abstractmethod
    def strike(self, victim: Victim) -> None:
        """Happen."""


@dataclass(frozen=True, slots=True)
class Kick(Fault):
    """The broker's own goodbye with a reason, then a close: `Kick(805)`."""

    reason: int

    def strike(self, victim: Victim) -> None:
        victim.kick(self.reason)


@dataclass(frozen=True, slots=True)
class Close(Fault):
    """A websocket close without the broker's goodbye."""

    code: int = 1011
    reason: str = ""

    def strike(self, victim: Victim) -> None:
        victim.close(self.code, self.reason)


class Reset(Fault):
    """A bare TCP reset."""

    def strike(self, victim: Victim) -> None:
        victim.reset()


class Mute(Fault):
    """A frozen peer: TCP stays open, no data, no PING, no PONG."""

    def strike(self, victim: Victim) -> None:
        victim.fall_mute()


class NoData(Fault):
    """Connected but without data: PING and PONG go on."""

    def strike(self, victim: Victim) -> None:
        victim.withhold()


@dataclass(frozen=True, slots=True)
class HalfFrame(Fault):
    """The first bytes of a frame, then nothing at all; `rest_after_s` later the rest and all that waited, if given."""

    size: int
    rest_after_s: float | None = None

    def strike(self, victim: Victim) -> None:
        victim.cut_next(self.size, self.rest_after_s)


@dataclass(frozen=True, slots=True)
class Late(Fault):
    """From here on every message comes this many seconds late."""

    seconds: float

    def strike(self, victim: Victim) -> None:
        victim.delay(self.seconds)


@dataclass(frozen=True, slots=True)
class Raw(Fault):
    r"""Bytes below the websocket: `Raw(b"\x82\x7f" + (1 << 40).to_bytes(8, "big"))` claims a frame of 1 TiB."""

    data: bytes

    def strike(self, victim: Victim) -> None:
        victim.send_raw(self.data)


class Garbage(Fault):
    """Well-framed messages of any content."""

    def __init__(self, *messages: Message) -> None:
        self._messages = messages

    def strike(self, victim: Victim) -> None:
        victim.send_messages(self._messages)


class Faults:
    """The script: what goes wrong, and when. Add to it from any thread, also while the exchange runs."""

    def __init__(self) -> None:
        self._steps: deque[tuple[int, Fault]] = deque()
        self._fates: deque[Answer | Fault] = deque()
        self._by_token: dict[str, Answer | Fault] = {}
        self._ignored: set[int] = set()
        self._heard = 0

    def after(self, ticks: int, *faults: Fault) -> "Faults":
        """Strike the connection that has been sent this many ticks (welcomes not counted).

        Steps happen in the order they were added, each once, on the first connection that gets so far: two steps of
        `after(100, Reset())` tear down two connections in a row, each at its 100th tick.
        """
        self._steps.extend((ticks, fault) for fault in faults)
        return self

    def next_handshake(self, *fates: "Answer | Fault") -> "Faults":
        """The next connections meet these: an answer instead of the upgrade, or a fault right after it."""
        self._fates.extend(fates)
        return self

    def token(self, token: str, fate: "Answer | Fault") -> "Faults":
        """Every connection with this token meets it, as with `next_handshake`."""
        self._by_token[token] = fate
        return self

    def ignore_subscription(self, number: int) -> "Faults":
        """Lose a subscription message: the first heard from now on is number 1."""
        self._ignored.add(self._heard + number)
        return self

    def due(self, sent: int, upcoming: int) -> int | None:
        """How many ticks after the first `sent` the next step falls due, None if not within the `upcoming` ones."""
        if not self._steps or self._steps[0][0] > sent + upcoming:
            return None
        return max(0, self._steps[0][0] - sent)

    def take(self) -> Fault:
        """The next step, which is then done."""
        return self._steps.popleft()[1]

    def fate(self, token: str) -> "Answer | Fault | None":
        """What meets a new connection, None for nothing."""
        return self._fates.popleft() if self._fates else self._by_token.get(token)

    def hears(self) -> bool:
        """Whether the subscription message that just came is heard."""
        self._heard += 1
        return self._heard not in self._ignored
