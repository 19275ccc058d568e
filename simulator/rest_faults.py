"""What can go wrong with a request for history, and the script that says when."""

from collections import deque
from dataclasses import dataclass
from threading import Event
from typing import Protocol

Body = dict[str, object]
"""JSON of an answer."""


class Answer(Protocol):
    """What a request meets instead of, or before, its proper answer."""

    def give(self, proper: tuple[int, Body]) -> tuple[int, Body]:
        """Status and body that go out; `proper` is what would have."""
        ...


@dataclass(frozen=True, slots=True)
class Refuse:
    """An error as Dhan words it: `Refuse(401, "DH-901")`."""

    status: int
    code: str
    message: str = "refused by the local exchange"

    def give(self, proper: tuple[int, Body]) -> tuple[int, Body]:
        del proper
        return self.status, {"errorType": "Refused", "errorCode": self.code, "errorMessage": self.message}


class Empty:
    """All is well, and there is nothing: what a broker that is not ready yet says."""

    def give(self, proper: tuple[int, Body]) -> tuple[int, Body]:
        status, body = proper
        return status, {name: [] for name in body}


@dataclass(frozen=True, slots=True)
class Late:
    """The proper answer, so many seconds late."""

    seconds: float

    def give(self, proper: tuple[int, Body]) -> tuple[int, Body]:
        Event().wait(self.seconds)
        return proper


class RestFaults:
    """The script of what goes wrong. Add to it from any thread, also while the exchange runs."""

    def __init__(self) -> None:
        self.hidden_minutes = 0
        """So many minutes before the running one are missing still."""
        self._next: deque[Answer] = deque()
        self._by_id: dict[int, deque[Answer]] = {}
        self._by_token: dict[str, Answer] = {}

    def next_requests(self, *answers: Answer) -> "RestFaults":
        """The next requests meet these, whatever they ask."""
        self._next.extend(answers)
        return self

    def security(self, security_id: int, *answers: Answer) -> "RestFaults":
        """The next requests for the candles of one instrument meet these."""
        self._by_id.setdefault(security_id, deque()).extend(answers)
        return self

    def token(self, token: str, answer: Answer) -> "RestFaults":
        """Every request with this token meets it."""
        self._by_token[token] = answer
        return self

    def fate(self, token: str, security_id: int | None) -> Answer | None:
        """What meets a request, None for nothing."""
        if token in self._by_token:
            return self._by_token[token]
        if self._next:
            return self._next.popleft()
        waiting = self._by_id.get(security_id) if security_id is not None else None
        return waiting.popleft() if waiting else None
