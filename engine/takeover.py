"""New rules on a symbol that is running: what they have in common with the old ones goes on as if nothing happened."""

from collections.abc import Iterable, Iterator
from copy import deepcopy

from engine.study import Study
from indicators.series import Series
from market.bar import Bar


def taken_over(new: Study, old: Study, history: Iterable[Bar]) -> None:
    """Bring a new study of a symbol to where its old one is.

    `history` has the 1-minute bars that closed so far, oldest first; it warms what is new. A series that the old study
    has too takes over its state instead, and a strategy of the same name and version its machine. A condition that
    holds already is no news, so a strategy that is new waits until it holds anew.
    """
    for bar in history:
        new.pass_time(bar.start_ms)
        new.take(bar)
    new.take_timeframes(old)
    _adopt(new, old)
    running = {(runner.plan.name, runner.plan.version): runner for runner in old.runners}
    for runner in new.runners:
        before = running.get((runner.plan.name, runner.plan.version))
        if before is not None:
            runner.go_on_from(before)
        runner.warm_here()


def _adopt(new: Study, old: Study) -> None:
    """Give each series of the new study the state of the old one's, with the new one's inputs in place of its own."""
    inputs: dict[int, object] = {}
    pairs: list[tuple[Series, Series]] = []
    for chart in new.charts:
        before = old.charts.find(chart.minutes)
        if before is None:
            continue
        inputs[id(before)] = chart
        for key, series in chart.items():
            if (old_series := before.find(key)) is not None:
                inputs[id(old_series)] = series
                pairs.append((series, old_series))
        chart.seen = max(chart.seen, before.seen)
        if before.seen:
            chart.bar = before.bar
    for series, old_series in pairs:
        for slot in _slots(type(series)):
            setattr(series, slot, deepcopy(getattr(old_series, slot), inputs))


def _slots(kind: type) -> Iterator[str]:
    for each in kind.__mro__:
        slots = each.__dict__.get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots
