"""Where the symbols of one worker leave what they make."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from actors.messages import AlertMessage, HealthMessage, Ref
from market.bar import Bar

if TYPE_CHECKING:
    from actors.swap import Swap
    from actors.symbol_actor import SymbolActor


@dataclass(slots=True)
class Outlets:
    """Used on the worker's thread alone."""

    alerts: Ref[AlertMessage]
    health: Ref[HealthMessage]
    bars: list[tuple[str, Bar]] = field(default_factory=list)
    """Closed 1-minute bars since the last `MinuteEnded`, for the store."""
    closed_since: list[tuple[str, Bar]] | None = None
    """Closed 1-minute bars since new rules began to read history; None while none do."""
    swap: "Swap | None" = None
    """New rules that are in place for some symbols, and not for all yet."""
    bars_closed: int = 0
    """1-minute bars closed so far."""
    signals: dict[str, int] = field(default_factory=dict)
    """Transitions so far, by kind and reason."""
    on_hole: Callable[["SymbolActor", int, int], None] | None = None
    """Told of each span whose bars lack trades, epoch milliseconds UTC; None when nobody can repair it."""
