"""Hears what the line, the store and the alert actor would tell the health actor of a live run."""

import threading

from actors.messages import ChannelStatus, HealthMessage, SymbolFailed, SymbolsSurvey
from actors.pool import Worker


class Listener:
    """Keeps what a replay must tell at its end."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        """What broke, one sentence each."""
        self._survey: SymbolsSurvey | None = None
        self._surveyed = threading.Event()

    def tell(self, message: HealthMessage) -> None:
        """From any thread."""
        match message:
            case SymbolsSurvey():
                self._survey = message
                self._surveyed.set()
            case SymbolFailed():
                self.failures.append(f"{message.symbol} failed and gave no more signals: {message.error}")
            case ChannelStatus() if not message.ok:
                self.failures.append(f"{message.channel}: {message.detail}")
            case _:
                pass  # what is watched and how feeds fare is for a live run

    def survey(self, worker: Worker) -> SymbolsSurvey:
        """Wait for the survey that was asked for. Raises: SignalsError when the worker that makes it has died."""
        worker.wait_for(self._surveyed.wait)
        assert self._survey is not None
        return self._survey
