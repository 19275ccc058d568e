"""What the program itself has to say, beside the signals: a few lines for people."""

import json
from dataclasses import dataclass
from hashlib import blake2b

from market.clock import iso
from signals.record import SCHEMA, epoch_ms
from signals.signal import short_id


@dataclass(frozen=True, slots=True)
class Notice:
    """One message; it goes to every destination that takes such, once for each `key`."""

    key: str
    """What it is about: `closing 2025-11-17`."""
    at_ms: int
    """Epoch milliseconds UTC."""
    title: str
    """For the lock screen."""
    lines: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Identity, as a transition's fingerprint is: 32 hex digits."""
        return blake2b(f"notice\x1f{self.key}".encode(), digest_size=16).hexdigest()

    @property
    def short_id(self) -> str:
        """Four characters people can read aloud."""
        return short_id(self.id)


def to_json(notice: Notice) -> str:
    """One line of ASCII; its `type` tells it from a signal's record."""
    return json.dumps(
        {
            "id": notice.id,
            "short_id": notice.short_id,
            "schema": SCHEMA,
            "type": "NOTICE",
            "key": notice.key,
            "time": iso(notice.at_ms),
            "title": notice.title,
            "lines": notice.lines,
        }
    )


def from_json(text: str) -> Notice:
    """What `to_json` gave. Raises: ValueError when it is none."""
    try:
        record = json.loads(text)
        return Notice(
            str(record["key"]), epoch_ms(record["time"]), str(record["title"]), tuple(map(str, record["lines"]))
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"not a notice: {error!r}") from error
