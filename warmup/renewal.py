"""What came from the broker goes into the store, and its symbol begins anew."""

from collections.abc import Mapping, Sequence

from loguru import logger

from actors.line import Line
from actors.symbol_actor import SymbolActor
from brokers.history import Candles
from market.bar import Bar
from market.clock import Clock
from market.days import midnight_before
from store.store import Store
from warmup.merge import bars_of, merged
from warmup.needs import Need, Needs
from warmup.wanted import Wanted

FLUSH_S = 30.0


class Renewal:
    """Gives symbols their past; from any thread, each symbol on one at a time."""

    def __init__(self, line: Line, store: Store, clock: Clock, needs: Needs) -> None:
        self.wanted = Wanted(line)
        """What the rules want; to be replaced when they are others."""
        self._line, self._store, self._clock, self._needs = line, store, clock, needs
        self._keys: Mapping[SymbolActor, int] = {actor: key for key, actor in line.actors.items()}

    def take(self, need: Need, candles: Candles, span: tuple[int, int]) -> None:
        """Store what answers a need for this span, and begin anew; not with each older part, for these are many bars.

        Raises: StorageError.
        """
        actor = self._line.actors[need.key]
        symbol = actor.instrument.symbol
        own = self._stored(actor)
        bars, new = merged(own, bars_of(candles.rows, actor.hours))
        if new or span[1] > span[0]:
            self._store.write_history(symbol, new, span)
        need.rebuild |= bool(new) or actor.held
        if need.rebuild and (not need.is_older or span[0] <= need.since_ms):
            need.rebuild = False
            self._begin(actor, bars)

    def again(self, actor: SymbolActor) -> None:
        """A symbol that its rules read has another past now: from its own bars, which are the same. As `take`."""
        self._line.rebuild(actor, self._stored(actor), midnight_before(self._clock.now_ms()))

    def drop(self, actor: SymbolActor) -> None:
        """A split or bonus: prices of earlier days are counted otherwise. As `take`."""
        symbol, today = actor.instrument.symbol, midnight_before(self._clock.now_ms())
        logger.bind(symbol=symbol).warning("{}: a split or bonus; its history is dropped and fetched anew", symbol)
        self._store.drop_history(symbol, today)
        self._begin(actor, self._stored(actor))

    def _begin(self, actor: SymbolActor, bars: Sequence[Bar]) -> None:
        """Whoever reads it must do so, too, once that has happened: what it has worked out of it is of no use."""
        self._line.rebuild(actor, bars, midnight_before(self._clock.now_ms()))
        for reader in self.wanted.readers(actor):
            self._needs.want(Need(self._keys[reader], 0, 0, rebuild=True))

    def _stored(self, actor: SymbolActor) -> list[Bar]:
        self._store.flush(FLUSH_S)  # what closed up to now is there when we read
        return self._store.symbol_bars(actor.instrument.symbol, self.wanted.since(actor, self._clock.now_ms()))
