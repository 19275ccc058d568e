"""New rules on a symbol that is running: what they have in common with the old ones goes on as if nothing happened."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from engine.study import Study
from indicators.chart import Chart
from indicators.series import Series
from market.bar import Bar
from rules.operators.elsewhere import Track, Tracked


def wants_history(new: Study, old: Study) -> bool:
    """Whether a study has what remembers bars and another one of the same symbol has not."""
    for chart in new.charts:
        before = old.charts.find(chart.minutes)
        if before is None:
            return True
        if any(series.remembers and not _same(series, before.find(key)) for key, series in chart.items()):
            return True
    return False


def warm(study: Study, bars: Iterable[Bar], until_ms: int) -> None:
    """Have a study that nobody asks take closed 1-minute bars, oldest first, up to `until_ms`.

    Those that others read come first, as on every minute.
    """
    for bar in bars:
        study.pass_time(bar.start_ms)
        study.take(bar)
    study.pass_time(until_ms)


def take_over(new: Study, old: Study, until_ms: int, unchanged: Collection[str], *, whole_session: bool) -> None:
    """Bring a new study of a symbol to where its old one is, whose end this is.

    A series that both have keeps its state; one that only the new one has is as `warm` left it. A
    strategy of the same name and version keeps its machine. One that is gone, or is another version now, goes on until
    its open signal ends, and makes no other.

    A condition that holds already is no news, and bars that ended up to `until_ms` (epoch milliseconds UTC) make no
    signals by rules that came later; the strategies whose names are in `unchanged` were there.
    `whole_session`: every minute of this session was seen, from its open.
    """
    machines = {(runner.plan.name, runner.plan.version): runner for runner in old.runners}
    kept = {(runner.plan.name, runner.plan.version) for runner in new.runners}
    for key, runner in machines.items():
        if key not in kept and runner.in_signal:
            new.let_end(runner.plan)
    unseen = max(0, _minutes_seen(old) - _minutes_seen(new))
    new.take_timeframes(old)
    _adopt(new, old, unseen)
    for runner in new.runners:
        before = machines.get((runner.plan.name, runner.plan.version))
        if before is not None:
            runner.go_on_from(before)
        else:
            runner.warm_session = whole_session
            runner.held = any(each.held for each in old.runners)
        if before is None or runner.plan.name not in unchanged:
            runner.quiet_until_ms = until_ms
        runner.unseen = new.unseen_by(runner.plan)
        if runner.chart.seen:
            runner.warm(runner.chart.bar)
    for chart in old.charts:
        chart.clear()


def _minutes_seen(study: Study) -> int:
    chart = study.charts.find(1)
    return chart.seen if chart is not None else 0


def _adopt(new: Study, old: Study, unseen: int) -> None:
    """Give each series of the new study the state of the old one's; what is new and remembers nothing is worked out."""
    shared = {id(series) for chart in old.charts for _, series in chart.items()}
    to_do: list[tuple[int, Series]] = []
    for chart in new.charts:
        before = old.charts.find(chart.minutes)
        if before is not None and before.seen:
            chart.bar, chart.before, chart.seen = before.bar, before.before, before.seen
        for (key, series), (rank, _) in zip(chart.items(), chart.ranked(), strict=True):
            known = before.find(key) if before is not None else None
            if known is not None and _same(series, known):
                _move(known, series, shared)
                new.lacks(chart.minutes, key, old.lacking(chart.minutes, key))
            elif series.remembers:
                new.lacks(chart.minutes, key, unseen)
            elif chart.seen:
                to_do.append((rank, series))
    for _, series in sorted(to_do, key=lambda each: each[0]):
        series.update()


def _same(series: Series, other: Series | None) -> bool:
    return type(series) is type(other)


def _move(old: object, new: object, shared: Collection[int]) -> None:
    """Move what one series knows to another of its kind, which keeps its own inputs.

    Inputs are charts, tracks and the old study's series, whose ids are `shared`; a series that is none of these is
    part of the one at hand.
    """
    for name in _names(old):
        value = getattr(old, name, None)
        if isinstance(value, Track):
            if isinstance(old, Tracked):
                getattr(new, name).take(value)
        elif isinstance(value, Series):
            if id(value) not in shared:
                _move(value, getattr(new, name), shared)
        elif isinstance(value, tuple | list) and any(isinstance(each, Series) for each in value):
            for part, mine in zip(value, getattr(new, name), strict=True):
                if id(part) not in shared:
                    _move(part, mine, shared)
        elif not isinstance(value, Chart) and hasattr(old, name):
            setattr(new, name, value)


def _names(of: object) -> Iterable[str]:
    """Attributes of an object, slots and others."""
    return (*_slots(type(of)), *getattr(of, "__dict__", ()))  # type: ignore[arg-type] # a class can be hashed


@cache
def _slots(kind: Any) -> tuple[str, ...]:
    slots = (each.__dict__.get("__slots__", ()) for each in kind.__mro__)
    return tuple(name for each in slots for name in ((each,) if isinstance(each, str) else each) if name != "__dict__")
