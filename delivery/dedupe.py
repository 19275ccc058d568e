"""Which transitions are worth a message; all of them are recorded."""

from market.bar import MINUTE_MS
from signals.signal import Side, SignalType, Transition


class Dedupe:
    """Keeps a repeated entry, and the exit of an entry nobody was told of, from the phone.

    An entry repeats when the same symbol, strategy and direction was alerted less than `repeat_minutes` of market
    time before, and the price is less than `repeat_move_percent` away from that alert's. An exit goes where its entry
    went. One decision holds for good: the same transition raised again, as after a restart, gets the same answer.
    """

    def __init__(self, repeat_minutes: float, repeat_move_percent: float) -> None:
        self._repeat_ms = repeat_minutes * MINUTE_MS
        self._repeat_move = repeat_move_percent / 100
        self._alerted: dict[tuple[str, str, Side], tuple[int, float]] = {}
        """Market time and price of the newest entry that was sent."""
        self._open: dict[str, bool] = {}
        """For each entry that was not left yet: whether it was sent."""

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
        # One older than the last alert was found afterwards; it is news, and marked LATE.
        soon = 0 <= entry.time_ms - last_ms < self._repeat_ms
        return soon and abs(entry.price - last_price) < self._repeat_move * last_price
