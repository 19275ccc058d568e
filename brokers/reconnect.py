"""What to do after a connection ended: pure, so that every way to end can be tried in no time."""

from dataclasses import dataclass
from math import inf
from random import Random

from brokers.broker import Ending, Remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long to wait before another try, in seconds; tests bring shorter ones."""

    retry_first: float = 0.5
    """Upper end of the first random wait; it doubles with each try in vain."""
    retry_longest: float = 30.0
    cool_first: float = 60.0
    """After "too many"; doubles each time."""
    cool_longest: float = 300.0
    rejected: tuple[float, ...] = (10.0, 60.0)
    """Before each further try of a token that was rejected; after these only another token helps."""
    token_poll: float = 5.0
    """Between looks whether the token is another one."""
    healthy: float = 60.0
    """Ticks for this long prove that all is well: everything counted before is forgotten."""
    cut_at_once: float = 2.0
    """Three connections in a row cut off within this time of subscribing make the token suspect."""
    cut_early: float = 5.0
    """Two such connections that brought no tick do so too."""


@dataclass(frozen=True, slots=True)
class Life:
    """How a connection fared."""

    subscribed_s: float | None = None
    """Seconds from subscribing to the end; None if it never came so far."""
    ticks_s: float | None = None
    """Seconds from the first tick to the last; None without any."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next try."""

    seconds: float
    """`inf`: there is no next try with this token."""
    detail: str
    """One sentence for people."""
    until_new_token: bool = False
    """Another token ends it early."""
    is_for_account: bool = False
    """The server asked for it: no connection of the account, and no later run of the program, may try earlier."""


class Reconnect:
    """One feed's memory of how its connections ended."""

    def __init__(self, random: Random, delays: Delays) -> None:
        """`random` spreads the waits, so that many clients cut off together do not come back together."""
        self._random = random
        self._delays = delays
        self._forget()

    def after(self, ending: Ending, life: Life) -> Pause | None:
        """What to do now; None to give up."""
        if life.ticks_s is not None and life.ticks_s >= self._delays.healthy:
            self._forget()
        match ending.remedy:
            case Remedy.GIVE_UP:
                return None
            case Remedy.NEW_TOKEN:
                return self._rejected(ending)
            case Remedy.COOL_DOWN:
                return self._cool_down(ending)
            case Remedy.RETRY:
                return self._suspect(ending, life) or self._retry(ending)

    def token_changed(self) -> None:
        """The next try has another token: what the old one did says nothing of it."""
        self._rejections = self._cut_at_once = self._cut_early = self._suspicions = 0

    def _forget(self) -> None:
        self._failures = self._cool_downs = 0
        self.token_changed()

    def _retry(self, ending: Ending) -> Pause:
        longest = min(self._delays.retry_longest, self._delays.retry_first * 2.0**self._failures)
        self._failures = min(self._failures + 1, 30)
        wait = self._random.uniform(0, longest)
        return Pause(max(wait, ending.retry_after_s or 0.0), ending.detail)

    def _cool_down(self, ending: Ending) -> Pause:
        """At least as long as the server asked for, or as the doubling says."""
        shortest = ending.retry_after_s
        if shortest is None:
            shortest = self._doubled(self._cool_downs)
        self._cool_downs += 1
        # A server that asks for no time at all still gets some.
        wait = max(shortest, self._delays.retry_first) + self._random.uniform(0, 2 * self._delays.retry_first)
        return Pause(wait, ending.detail, is_for_account=True)

    def _rejected(self, ending: Ending) -> Pause:
        self._rejections += 1
        if self._rejections > len(self._delays.rejected):
            return Pause(inf, f"{ending.detail}; waiting for another token", until_new_token=True)
        return Pause(self._delays.rejected[self._rejections - 1], ending.detail, until_new_token=True)

    def _suspect(self, ending: Ending, life: Life) -> Pause | None:
        """Whether the server takes this token and then cuts it off without a word, as some do with a dead one."""
        lived = life.subscribed_s
        if ending.code is not None or lived is None:
            return None
        self._cut_at_once = self._cut_at_once + 1 if lived < self._delays.cut_at_once else 0
        self._cut_early = self._cut_early + 1 if lived < self._delays.cut_early and life.ticks_s is None else 0
        if self._cut_at_once < 3 and self._cut_early < 2:
            return None
        wait = self._doubled(self._suspicions)
        self._suspicions += 1
        detail = f"cut off {max(self._cut_at_once, self._cut_early)} times just after subscribing: is the token dead?"
        return Pause(wait, f"{detail} ({ending.detail})", until_new_token=True)

    def _doubled(self, times: int) -> float:
        return min(self._delays.cool_longest, self._delays.cool_first * 2.0 ** min(times, 30))
