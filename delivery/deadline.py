"""Calls that may hang, with somebody who stops waiting for them."""

import threading
from collections.abc import Callable

from loguru import logger

from delivery.retry import Outcome, Verdict

_MOST_ABANDONED = 3
_BEAT_S = 1.0


class Deadline:
    """Makes one call at a time, each in a thread of its own, and abandons the one that takes too long.

    A peer that drips a byte now and then defeats every timeout of a socket, and Python cannot end a thread. The
    abandoned ones are daemons, so they do not keep the process; while three are left no new call is made.
    """

    def __init__(self, name: str, limit_s: float, beat: Callable[[], None]) -> None:
        self._name = name
        self._limit_s = limit_s
        self._beat = beat
        self._abandoned: list[threading.Thread] = []

    def call(self, send: Callable[[], Outcome]) -> Outcome:
        """The call's outcome; an exception is a refusal, and no answer in time may have arrived."""
        self._abandoned = [thread for thread in self._abandoned if thread.is_alive()]
        if len(self._abandoned) >= _MOST_ABANDONED:
            return Outcome(Verdict.RETRY, f"{_MOST_ABANDONED} earlier sends still hang", pause_s=self._limit_s)
        outcomes: list[Outcome] = []
        thread = threading.Thread(target=lambda: outcomes.append(self._judged(send)), name=self._name, daemon=True)
        thread.start()
        left_s = self._limit_s
        while thread.is_alive() and left_s > 0:
            thread.join(min(_BEAT_S, left_s))
            left_s -= _BEAT_S
            self._beat()
        if outcomes:
            return outcomes[0]
        self._abandoned.append(thread)
        return Outcome(Verdict.RETRY, f"no answer within {self._limit_s:g} s", may_have_arrived=True)

    def _judged(self, send: Callable[[], Outcome]) -> Outcome:
        try:
            return send()
        except Exception as error:  # noqa: BLE001 - a service's plugin is not ours; one message must not end a channel
            logger.opt(exception=True).error("{}: sending failed in an unexpected way", self._name)
            return Outcome(Verdict.REFUSED, f"unexpected {type(error).__name__}", may_have_arrived=True)
