"""How a strategy is traded, the same for every symbol."""

from dataclasses import dataclass
from typing import Literal

from signals.levels import Level
from signals.signal import Side


@dataclass(frozen=True, slots=True)
class Plan:
    """How a strategy is traded; from config.toml."""

    name: str
    version: str
    minutes: int
    """Timeframe."""
    directions: frozenset[Side]
    edge: bool
    """Enter only where the conditions did not already hold on the bar before."""
    target: Level | None
    stop: Level | None
    exit: Literal["previous_bar", "none"]
    cooldown_bars: int
    no_entry_last_minutes: int

    @property
    def timeframe(self) -> str:
        """`1m`, `75m`."""
        return f"{self.minutes}m"
