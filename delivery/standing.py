"""How a channel stands with its destination, and who is told when that changes."""

from loguru import logger

from actors.messages import ChannelStatus, HealthMessage, Ref
from actors.tell import tell_if_alive

_FAILURES_TO_PAUSE = 5
_PAUSE_S = 60.0


class Standing:
    """Whether the last attempt succeeded; a change is told, and so is every alert that is given up."""

    def __init__(self, channel: str, health: Ref[HealthMessage]) -> None:
        self._channel = channel
        self._health = health
        self._failures = 0
        """Straight failures."""
        self.status = ChannelStatus(channel, ok=True, detail="nothing sent yet")
        """What health was told last."""

    def arrived(self, sent: int) -> None:
        """A send succeeded; `sent` alerts have, so far."""
        self._failures = 0
        was_ok, self.status = self.status.ok, ChannelStatus(self._channel, ok=True, detail=f"{sent} sent")
        if not was_ok:
            logger.warning("channel {} works again", self._channel)
            tell_if_alive(self._health, ChannelStatus(self._channel, ok=True, detail="works again"))

    def failed(self, detail: str, asked_s: float | None) -> float:
        """A send failed and is tried again. Returns how long the whole channel is left alone, seconds.

        That is what the other side asked for; else, after five straight failures, a minute between two attempts.
        """
        self._failures += 1
        pause_s = _PAUSE_S if self._failures >= _FAILURES_TO_PAUSE else 0.0
        if asked_s is not None:
            pause_s = asked_s
        again = f"nothing is sent for {pause_s:.0f} s" if pause_s else "it is tried again"
        self._complain(f"{detail}; {again}", news=self.status.ok)
        return pause_s

    def gave_up(self, detail: str) -> None:
        """Something will never arrive."""
        self._complain(detail, news=True)

    def _complain(self, detail: str, *, news: bool) -> None:
        self.status = ChannelStatus(self._channel, ok=False, detail=detail)
        if news:
            logger.error("channel {}: {}", self._channel, detail)
            tell_if_alive(self._health, self.status)
