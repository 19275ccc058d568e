"""Times that an account must leave the broker alone, kept on disk: a restart must not come back too early."""

import json
import threading
from pathlib import Path

from loguru import logger

from market.clock import Clock
from private_file import write_whole

FILE_NAME = "cooldowns.json"
LONGEST_S = 86_400.0
"""Whoever asks for more than a day, or a damaged file, is not believed."""


class Cooldowns:
    """When each account may connect again; shared by all feeds, from any thread.

    On disk it is wall time, for nothing else outlives the process; while we run the monotonic clock decides.
    """

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._path = directory / FILE_NAME
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        """By account: monotonic seconds."""
        now = clock.monotonic()
        for account, seconds in self._load():
            self._until[account] = now + min(seconds, LONGEST_S)

    def hold(self, account: str, seconds: float) -> None:
        """Nothing of this account connects for so long, unless it must already wait longer."""
        with self._lock:
            self._until[account] = max(self._until.get(account, 0.0), self._clock.monotonic() + min(seconds, LONGEST_S))
            self._save()

    def left(self, account: str) -> float:
        """Seconds until the account may connect; 0.0 when it may."""
        with self._lock:
            return max(0.0, self._until.get(account, 0.0) - self._clock.monotonic())

    def _load(self) -> list[tuple[str, float]]:
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            now_ms = self._clock.now_ms()
            # Never longer than it was to be from the start, whatever the wall clock did since.
            return [
                (str(account), min(row["until_ms"] - now_ms, row["until_ms"] - row["since_ms"]) / 1000)
                for account, row in rows.items()
            ]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            logger.warning("{} cannot be read and is ignored: {}", self._path, type(error).__name__)
            return []

    def _save(self) -> None:
        now, now_ms = self._clock.monotonic(), self._clock.now_ms()
        rows = {
            account: {"since_ms": now_ms, "until_ms": now_ms + round((until - now) * 1000)}
            for account, until in self._until.items()
            if until > now
        }
        try:
            write_whole(self._path, json.dumps(rows))
        except OSError as error:
            # It still holds while we run; the feed must not die of a full disk.
            logger.warning("{} cannot be written: {}", self._path, error.strerror)
