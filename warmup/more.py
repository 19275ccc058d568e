"""What symbols lack of the past, at a start and when their rules have changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from actors.line import Line
from market.bar import MINUTE_MS
from market.sessions import Hours
from warmup.needs import Need
from warmup.spans import Stored, Unwatched, missing
from warmup.wanted import Wanted

Spans: TypeAlias = Mapping[str, Sequence[tuple[int, int]]]
"""What the broker was asked for before, by symbol, oldest first."""


def missed(line: Line, spans: Spans, stored: Stored, wanted: Wanted, now_ms: int) -> Iterator[Need]:
    """What the bars of the store leave open."""
    known: dict[tuple[Hours, int], Unwatched] = {}
    for key, actor in line.actors.items():
        symbol, since = actor.instrument.symbol, wanted.since(actor, now_ms)
        unwatched = known.get((actor.hours, since))
        if unwatched is None:
            unwatched = Unwatched(actor.hours, since, now_ms - now_ms % MINUTE_MS, stored.live_minutes)
            known[actor.hours, since] = unwatched
        asked = spans.get(symbol, ())
        span = missing(symbol, since, asked, stored, unwatched)
        if span is not None:
            yield Need(key, *span, is_older=any(first >= span[1] for first, _ in asked))


def lacking(line: Line, spans: Spans, wanted: Wanted, now_ms: int) -> Iterator[Need]:
    """The past of symbols whose rules want more than they have seen, unless the broker was asked for all of it."""
    for key, actor in line.actors.items():
        since, asked = wanted.since(actor, now_ms), spans.get(actor.instrument.symbol, ())
        if any(first <= since for first, _ in asked):
            continue
        if wanted.is_read(actor) or not all(runner.settled for runner in actor.runners):
            until = Unwatched(actor.hours, since, now_ms - now_ms % MINUTE_MS, set()).until_ms
            yield Need(key, since, until)
