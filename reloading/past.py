"""The past of symbols as the store has it, for new rules."""

from collections.abc import Sequence
from math import ceil

from actors.line import Line
from actors.symbol_actor import SymbolActor
from errors import StorageError
from market.bar import Bar
from market.days import midnight_before
from market.sessions import Hours
from store.store import Store
from warmup.spans import THIN, history_since
from warmup.wanted import Wanted

FLUSH_S = 30.0


class StoredPast:
    """Reads one symbol at a time, so that little is held; every bar that had closed by the first reading is there."""

    def __init__(self, store: Store, line: Line, now_ms: int) -> None:
        """`now_ms`: market time, epoch milliseconds UTC."""
        self._store, self._line, self._now_ms = store, line, now_ms
        self._since: dict[tuple[Hours, int], int] = {}
        self._is_flushed = False

    def __call__(self, actor: SymbolActor, minutes: int) -> Sequence[Bar]:
        """Today's bars, and so many minutes of trading before. Raises: StorageError."""
        if not self._is_flushed:
            if not self._store.flush(FLUSH_S):
                raise StorageError(f"the store did not commit the newest bars within {FLUSH_S:.0f} s")
            self._is_flushed = True
        since = self._since.get((actor.hours, minutes))
        if since is None:
            since = history_since(actor.hours, self._now_ms, ceil(THIN * minutes))
            self._since[actor.hours, minutes] = since
        return self._store.symbol_bars(actor.instrument.symbol, since)

    def rebuild(self, actors: Sequence[SymbolActor]) -> None:
        """Have symbols begin anew from their past, and then those whose rules read them."""
        wanted = Wanted(self._line)
        readers = (reader for actor in actors for reader in wanted.readers(actor))
        first = sorted(actors, key=lambda actor: not wanted.is_read(actor))
        for actor in dict.fromkeys((*first, *readers)):
            bars = self._store.symbol_bars(actor.instrument.symbol, wanted.since(actor, self._now_ms))
            self._line.rebuild(actor, bars, midnight_before(self._now_ms))
