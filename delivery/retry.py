"""What an attempt to send came to, and when the next one is due. Pure: no clock, no socket."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import isfinite
from random import Random

LONGEST_DELAY_S = 60.0
UNTOLD_RETRY_AFTER_S = 30.0
"""Pause after "too many requests" without a time."""
_LONGEST_RETRY_AFTER_S = 86_400.0
_TOO_MANY_REQUESTS = 429
_TEMPORARY_CLIENT_ERRORS = frozenset({408, 425})
_SMTP_GO_AHEAD = 354


class Verdict(Enum):
    """What a channel does with a delivery after an attempt."""

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"
    """For good: no repetition would change the answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt, judged."""

    verdict: Verdict
    detail: str = ""
    """One sentence for people, without secrets."""
    may_have_arrived: bool = False
    """A failure after which nobody can know; the next attempt says that it may be a repeat."""
    pause_s: float | None = None
    """How long the other side wants to be left alone by the whole channel."""


SENT = Outcome(Verdict.SENT)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other side answered last, or how the line broke."""

    protocol: str
    """`http` or `smtp`."""
    status: int
    """Its code; 0 when there was no answer."""
    text: str = ""
    """Its words, short, or the kind of the error."""
    retry_after_s: float | None = None
    left_us: bool = True
    """False when it is certain that nothing reached the other side."""


def failed(heard: Sequence[Reply]) -> Outcome:
    """Judge an attempt that did not succeed by what was heard during it; nothing means there was no connection."""
    if not heard:
        return Outcome(Verdict.RETRY, "no connection")
    # The last complaint counts: after a refusal an SMTP client still resets the session, and is told that is fine.
    complaints = [reply for reply in heard if reply.status == 0 or reply.status >= 400]
    reply = complaints[-1] if complaints and heard[-1].status != _SMTP_GO_AHEAD else heard[-1]
    if reply.status == 0:
        return Outcome(Verdict.RETRY, reply.text, may_have_arrived=reply.left_us)
    said = f"{reply.protocol.upper()} {reply.status}" + (f": {reply.text}" if reply.text else "")
    return _failed_mail(reply, said) if reply.protocol == "smtp" else _failed_post(reply, said)


def _failed_mail(reply: Reply, said: str) -> Outcome:
    if reply.status < 400:
        # After 354 the whole mail went out, and the line broke before the answer.
        return Outcome(Verdict.RETRY, "the mail server hung up", may_have_arrived=reply.status == _SMTP_GO_AHEAD)
    return Outcome(Verdict.REFUSED if reply.status >= 500 else Verdict.RETRY, said)


def _failed_post(reply: Reply, said: str) -> Outcome:
    if reply.status == _TOO_MANY_REQUESTS:
        asked = reply.retry_after_s
        pause = asked if asked is not None and isfinite(asked) else UNTOLD_RETRY_AFTER_S
        return Outcome(Verdict.RETRY, said, pause_s=min(max(pause, 0.0), _LONGEST_RETRY_AFTER_S))
    if reply.status >= 500:
        return Outcome(Verdict.RETRY, said, may_have_arrived=True)
    if reply.status in _TEMPORARY_CLIENT_ERRORS:
        return Outcome(Verdict.RETRY, said)
    # Also a 200 whose text is a refusal, as Slack's, and a redirection, which we do not follow.
    return Outcome(Verdict.REFUSED, said)


def delay_s(attempts: int, random: Random) -> float:
    """Seconds until the attempt after `attempts` failed ones: full jitter, doubling from 1 s to a minute."""
    return random.uniform(0.0, min(LONGEST_DELAY_S, 2.0 ** min(attempts - 1, 6)))
