"""A destination that does as it is told, and what a channel to it needs."""

from collections import deque
from collections.abc import Callable, Sequence

from delivery.alert import Alert, Announcement
from delivery.channel import Channel
from delivery.destination import Manners
from delivery.retry import SENT, Outcome, Verdict
from signals.signal import Transition
from tests.transitions import HandClock, entry

ONE_BY_ONE = Manners(together=1)
PEOPLE = Manners(30, 5, exits_first=True, gather_s=1.5, spacing_s=1.0, per_minute=15)
ALL = Manners(together=500)
MANY_REQUESTS = Outcome(Verdict.RETRY, "HTTP 429", pause_s=34.0)
DOWN = Outcome(Verdict.RETRY, "cannot connect")
BROKEN = Outcome(Verdict.RETRY, "the connection broke", may_have_arrived=True)
FORBIDDEN = Outcome(Verdict.REFUSED, "HTTP 403: bot was blocked")

Commit = Callable[..., None]
ChannelTo = Callable[..., Channel]


class Place:
    """A destination that does as it is told, for one attempt after the other, and then takes everything."""

    def __init__(self, manners: Manners, *outcomes: Outcome, clock: HandClock | None = None) -> None:
        self.manners = manners
        self.outcomes = deque(outcomes)
        self.attempts: list[list[Alert]] = []
        self.at: list[float] = []
        self.following: list[int] = []
        self.announced: list[Announcement] = []
        self._clock = clock

    def send(self, alerts: Sequence[Alert], following: int) -> Outcome:
        self.attempts.append(list(alerts))
        self.following.append(following)
        if self._clock is not None:
            self.at.append(self._clock.monotonic())
        return self.outcomes.popleft() if self.outcomes else SENT

    def announce(self, announcement: Announcement) -> Outcome:
        self.announced.append(announcement)
        return self.outcomes.popleft() if self.outcomes else SENT

    @property
    def symbols(self) -> list[list[str]]:
        return [[alert.transition.symbol.removeprefix("NSE:") for alert in alerts] for alerts in self.attempts]


def turn(channel: Channel, clock: HandClock, seconds: float) -> None:
    """Let the channel live for so long."""
    end = clock.monotonic() + seconds
    while True:
        delay = channel.step()
        left = end - clock.monotonic()
        if delay is None or delay > left:
            clock.advance(max(left, 0.0))
            return
        clock.advance(delay)


def signals(*symbols: str) -> list[Transition]:
    return [entry(f"NSE:{symbol}") for symbol in symbols]
