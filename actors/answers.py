"""What a running program tells about itself: the control port, the closing summary and tests ask here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from json import loads
from queue import Empty, SimpleQueue
from typing import Any, cast

import pykka

from actors.channel_totals import totals
from actors.feed_reader import FeedReader
from actors.health_actor import HealthActor
from actors.health_record import ChannelTotals
from actors.line import Line
from actors.messages import Inspect, ReportHealth
from actors.symbol_view import warmth
from actors.views import NearView, SymbolView
from delivery.channel import Channel
from store.store import Store

ANSWER_S = 2.0
"""How long an actor may take to answer."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run saw and sent."""

    symbols: int
    warm: int
    """Symbols whose indicators have all the history they want."""
    ticks: int
    bars: int
    """1-minute bars closed."""
    signals: Mapping[str, int]
    """Transitions by kind and reason: `ENTRY LONG`, `EXIT stop`."""
    channels: tuple[ChannelTotals, ...]

    @property
    def pending(self) -> int:
        """Alerts that wait for the next start, over all channels."""
        return sum(channel.pending for channel in self.channels)


class Answers:
    """Asks the parts of a run; from any thread but theirs."""

    def __init__(
        self,
        line: Line,
        store: Store,
        channels: Sequence[Channel],
        health: "pykka.ActorRef[HealthActor]",
        readers: Sequence[FeedReader],
    ) -> None:
        """`channels` is what a reload changes, so it is looked at anew each time."""
        self._line, self._store, self._channels = line, store, channels
        self._health, self._readers = health, readers
        self._by_symbol = {actor.instrument.symbol: actor for actor in line.actors.values()}

    def symbols(self) -> list[str]:
        """All that are watched, in the order of the alphabet."""
        return sorted(self._by_symbol)

    def strategies(self) -> list[str]:
        """The names of those at work, those on their way out too."""
        return sorted({runner.plan.name for actor in self._by_symbol.values() for runner in actor.runners})

    def signals(self) -> Iterator[Mapping[str, Any]]:
        """The signal records of the store, oldest first."""
        return map(loads, self._store.transitions())

    def inspect(self, symbol: str) -> SymbolView | None:
        """Everything about one symbol, from itself; None when it has failed or does not answer."""
        actor = self._by_symbol.get(symbol)
        if actor is None:
            return None
        try:
            return cast("SymbolView", actor.actor_ref.ask(Inspect(), timeout=ANSWER_S))
        except (pykka.Timeout, pykka.ActorDeadError):
            return None

    def near(self, strategy: str | None, top: int) -> NearView | None:
        """Who is closest to an entry of a strategy, or of any; None when the symbols do not answer in time."""
        answers: SimpleQueue[NearView] = SimpleQueue()
        self._line.router.near(strategy, top, answers.put)
        try:
            return answers.get(timeout=ANSWER_S)
        except Empty:
            return None

    def report(self) -> dict[str, object]:
        """The health report, and what each feed has counted."""
        report = cast("dict[str, object]", self._health.ask(ReportHealth(), timeout=ANSWER_S))
        return report | {"feed_totals": [asdict(reader.totals()) for reader in self._readers]}

    def totals(self) -> list[ChannelTotals]:
        """What each destination has done."""
        return totals(self._channels, self._store)

    def seen(self) -> Seen:
        """What this run saw and sent; exact once it has stopped."""
        router = self._line.router
        return Seen(
            len(self._by_symbol),
            self.warm,
            router.ticks,
            router.bars_closed,
            dict(router.signals),
            tuple(self.totals()),
        )

    @property
    def warm(self) -> int:
        """Symbols whose indicators have all the history they want."""
        return sum(warmth(actor) == "yes" for actor in self._line.actors.values())
