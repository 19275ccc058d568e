"""A day's reconciliation on the screen."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from market.clock import clock_text
from reconciliation.figures import Difference, FieldFigures, SymbolFigures
from reconciliation.report import Report, bars_in, short, size, summary
from signals.signal import SignalType, Transition

SYMBOLS_SHOWN: Final = 10
ALERTS_SHOWN: Final = 20
_FAINT: Final = "bright_black"


def reconciliation_screen(report: Report) -> RenderableType:
    """The summary, the fields, the worst symbols, and the alerts that hang on the differences."""
    return Group(*_parts(report))


def _parts(report: Report) -> Iterator[RenderableType]:
    comparison = report.comparison
    yield Text(f"{report.day}, our candles against {report.against}", style="bold")
    yield Text(f"{summary(report)}\n")
    yield _fields(comparison.fields)
    notes = [
        (bars_in(comparison.missing_ours), "missing here"),
        (bars_in(comparison.missing_theirs), "missing there"),
        (comparison.filled, "there without a trade"),
        (comparison.differing_partial, "of the differing ones known to lack trades"),
    ]
    if said := [f"{number:,} {what}" for number, what in notes if number]:
        yield Text(f"\ncandles: {', '.join(said)}")
    if comparison.advice:
        yield Text(f"\n{comparison.advice}", style="bold")
    for symbols, what in ((report.only_ours, "only here"), (report.only_theirs, "only there")):
        if symbols:
            yield Text(f"symbols {what}: {_first(symbols)}")
    if comparison.unequal:
        yield Text()
        yield _worst(comparison.unequal[:SYMBOLS_SHOWN])
    for transitions, what in (
        (report.alerts.would_not_fire, "would not have fired on their candles"),
        (report.alerts.missing, "are given by their candles alone"),
    ):
        if transitions:
            yield Text(f"\n{len(transitions):,} alerts {what}")
            yield _alerts(report, transitions)
    if len(report.recorded) != report.alerts.ours:
        yield Text(f"\nrecorded that day: {len(report.recorded):,} alerts; our candles give {report.alerts.ours:,}")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=_FAINT)
    for name in columns:
        table.add_column(name.strip("<"), justify="left" if name.endswith("<") else "right", no_wrap=True)
    return table


def _fields(fields: Sequence[FieldFigures]) -> Table:
    table = _table("field<", "compared", "equal", "differ", "median", "worst", "where<")
    for figures in fields:
        share = f"{figures.equal / figures.compared:.2%}" if figures.compared else "-"
        table.add_row(
            figures.field,
            f"{figures.compared:,}",
            share,
            f"{figures.differing:,}",
            _amount(figures.field, figures.median_steps, figures.median_percent),
            _worst_amount(figures.worst),
            _where(figures.worst),
        )
    return table


def _worst(symbols: Sequence[SymbolFigures]) -> Table:
    table = _table("worst symbols<", "compared", "differ", "missing", "there", "worst", "where<")
    for each in symbols:
        worst = each.worst
        where = f"{clock_text(worst.start_ms)[:5]} {worst.field} {size(worst)}" if worst else ""
        table.add_row(
            short(each.symbol),
            f"{each.compared:,}",
            f"{each.differing:,}",
            f"{each.missing_ours:,}",
            f"{each.missing_theirs:,}",
            _worst_amount(worst),
            where,
        )
    return table


def _alerts(report: Report, transitions: Sequence[Transition]) -> Table:
    table = _table("time<", "id<", "symbol<", "<", "price", "strategy<", "<")
    for transition in transitions[:ALERTS_SHOWN]:
        entry = transition.type is SignalType.ENTRY
        table.add_row(
            clock_text(transition.time_ms),
            f"#{transition.short_id}",
            short(transition.symbol),
            f"{transition.type} {transition.direction if entry else transition.reason.replace('_', ' ')}",
            f"{transition.price:,.2f}",
            transition.strategy,
            "sent" if report.was_sent(transition) else "",
        )
    if len(transitions) > ALERTS_SHOWN:
        table.add_row("…", "", f"{len(transitions) - ALERTS_SHOWN:,} more")
    return table


def _amount(field: str, steps: float | None, percent: float | None) -> str:
    if steps is None:
        return ""
    unit = "" if field == "volume" else "t"
    return f"{steps:,.0f}{unit}" + ("" if percent is None else f" {percent:.2f}%")


def _worst_amount(worst: Difference | None) -> str:
    return _amount(worst.field, worst.steps, worst.percent) if worst else ""


def _where(worst: Difference | None) -> str:
    return f"{short(worst.symbol)} {clock_text(worst.start_ms)[:5]}" if worst else ""


def _first(symbols: Sequence[str]) -> str:
    shown = ", ".join(map(short, symbols[:SYMBOLS_SHOWN]))
    more = len(symbols) - SYMBOLS_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
