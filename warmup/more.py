"""What symbols lack when their rules have changed."""

from collections.abc import Iterator, Mapping

from actors.line import Line
from market.bar import MINUTE_MS
from warmup.needs import Need
from warmup.spans import Unwatched, history_since


def lacking(line: Line, spans: Mapping[str, tuple[int, int]], minutes: int, now_ms: int) -> Iterator[Need]:
    """The past of symbols whose rules want more than they have seen, unless the broker was asked for all of it.

    `spans`: what it was asked for before; `minutes`: of trading on earlier days that are wanted.
    """
    for key, actor in line.actors.items():
        since = history_since(actor.hours, now_ms, minutes)
        span = spans.get(actor.instrument.symbol)
        known = span is not None and span[0] <= since
        if not known and not all(runner.settled for runner in actor.runners):
            until = Unwatched(actor.hours, since, now_ms - now_ms % MINUTE_MS, set()).until_ms
            yield Need(key, since, until)
