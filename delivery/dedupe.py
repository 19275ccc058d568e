"""Which transitions are worth a message; all of them are recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from market.bar import MINUTE_MS
from settings.schema import Alerts
from settings.strategy_schema import StrategySettings
from signals.signal import Side, SignalType, Transition


@dataclass(frozen=True, slots=True)
class Repeat:
    """When an entry is one that was alerted already."""

    minutes: float
    """Of market time since the last alert; less than so many is soon."""
    move_percent: float
    """Of price since the last alert; less than so much is near."""


def repeats_of(alerts: Alerts, strategies: Iterable[StrategySettings]) -> dict[tuple[str, str], Repeat]:
    """What strategies say of their own repeats, by name and version; those that say nothing are left out."""
    return {
        (chosen.name, chosen.version): Repeat(
            alerts.repeat_minutes if chosen.repeat_minutes is None else chosen.repeat_minutes,
            alerts.repeat_move_percent if chosen.repeat_move_percent is None else chosen.repeat_move_percent,
        )
        for chosen in strategies
        if not (chosen.repeat_minutes is None and chosen.repeat_move_percent is None)
    }


class Dedupe:
    """Keeps a repeated entry, and the exit of an entry nobody was told of, from the phone.

    An entry repeats when the same symbol, strategy and direction was alerted soon before, and its price is near that
    alert's. An exit goes where its entry went. One decision holds for good: the same transition raised again, as after
    a restart, gets the same answer.
    """

    def __init__(self, usual: Repeat, of_strategy: Mapping[tuple[str, str], Repeat] = MappingProxyType({})) -> None:
        """`of_strategy`, by name and version, goes before what is usual."""
        self._usual, self._of_strategy = usual, of_strategy
        self._alerted: dict[tuple[str, str, Side], tuple[int, float]] = {}
        """Market time and price of the newest entry that was sent."""
        self._open: dict[str, bool] = {}
        """For each entry that was not left yet: whether it was sent."""

    def change(self, usual: Repeat, of_strategy: Mapping[tuple[str, str], Repeat]) -> None:
        """Decide by these from now on; what was decided holds."""
        self._usual, self._of_strategy = usual, of_strategy

    def is_news(self, transition: Transition) -> bool:
        """Decide, and remember the decision."""
        known = self._open.get(transition.state_id)
        if transition.type is SignalType.ENTRY:
            news = known if known is not None else not self._repeats(transition)
        else:
            news = known is not False
        self.remember(transition, was_sent=news)
        return news

    def remember(self, transition: Transition, *, was_sent: bool) -> None:
        """Take over a decision made before, in the order of the decisions."""
        if transition.type is SignalType.EXIT:
            self._open.pop(transition.state_id, None)
        elif transition.type is SignalType.ENTRY:
            self._open[transition.id] = was_sent
            key = (transition.symbol, transition.strategy, transition.direction)
            if was_sent and transition.time_ms >= self._alerted.get(key, (0, 0.0))[0]:
                self._alerted[key] = (transition.time_ms, transition.price)

    def _repeats(self, entry: Transition) -> bool:
        last = self._alerted.get((entry.symbol, entry.strategy, entry.direction))
        if last is None:
            return False
        last_ms, last_price = last
        repeat = self._of_strategy.get((entry.strategy, entry.version), self._usual)
        # One older than the last alert was found afterwards; it is news, and marked LATE.
        soon = 0 <= entry.time_ms - last_ms < repeat.minutes * MINUTE_MS
        return soon and abs(entry.price - last_price) < repeat.move_percent / 100 * last_price
