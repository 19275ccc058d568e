"""A start: what the store has of the past goes through the symbols, before any tick."""

from math import ceil

from actors.line import Line
from store.store import Store
from warmup.spans import THIN, Stored, history_since, start_of_day


def minutes_wanted(line: Line) -> int:
    """Minutes of trading on earlier days that the indicators of a line want, with room for minutes without a trade."""
    return ceil(THIN * max((actor.study.minutes for actor in line.actors.values()), default=0))


def recall(line: Line, store: Store, now_ms: int) -> Stored:
    """Queue the stored bars: earlier days warm, today's step the machines as late. Returns what they tell of holes.

    Bars from before anybody watched today make no entry. `now_ms` is the wall's, epoch milliseconds UTC.
    """
    today = start_of_day(now_ms)
    watched_since = store.watch(today, now_ms)
    stored = Stored(watched_since)
    for actor in line.actors.values():
        for runner in actor.runners:
            runner.quiet_until_ms = watched_since
    minutes = minutes_wanted(line)
    since = min(history_since(hours, now_ms, minutes) for hours in {each.hours for each in line.actors.values()})
    line.recall(stored.reading(store.bars_since(since), today), today)
    return stored
