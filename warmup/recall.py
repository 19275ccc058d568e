"""A start: what the store has of the past goes through the symbols, before any tick."""

from actors.line import Line
from market.days import midnight_before
from store.store import Store
from warmup.spans import Stored
from warmup.wanted import Wanted


def recall(line: Line, store: Store, now_ms: int) -> Stored:
    """Queue the stored bars: earlier days warm, today's step the machines as late. Returns what they tell of holes.

    Bars from before anybody watched today make no entry. `now_ms` is the wall's, epoch milliseconds UTC.
    """
    today = midnight_before(now_ms)
    watched_since = store.watch(today, now_ms)
    stored = Stored(watched_since)
    for actor in line.actors.values():
        for runner in actor.runners:
            runner.quiet_until_ms = watched_since
    line.recall(stored.reading(store.bars_of(Wanted(line).sinces(now_ms)), today), today)
    return stored
