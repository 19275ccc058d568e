"""How often a channel may send."""

from collections import deque

_WINDOW_S = 60.0


class Pace:
    """At least `spacing_s` between two sends, and at most `per_minute` in any 60 seconds."""

    def __init__(self, spacing_s: float, per_minute: int | None) -> None:
        self._spacing_s = spacing_s
        self._per_minute = per_minute
        self._sent: deque[float] = deque(maxlen=per_minute or 1)

    def wait_s(self, now: float) -> float:
        """Seconds until the next send is allowed; 0 when it is. `now` is monotonic."""
        wait = 0.0
        if self._sent:
            wait = self._sent[-1] + self._spacing_s - now
        if self._per_minute is not None and len(self._sent) == self._per_minute:
            wait = max(wait, self._sent[0] + _WINDOW_S - now)
        return max(wait, 0.0)

    def sent(self, now: float) -> None:
        """One send was made, whether it arrived or not."""
        self._sent.append(now)
