"""A day's reconciliation: everything for scripts, one line for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from market.clock import clock_text, iso
from reconciliation.alerts import Alerts
from reconciliation.figures import Comparison, Difference, FieldFigures, Gap
from signals.record import to_record
from signals.signal import Transition

SCHEMA: Final = 1
"""Raised when a field changes its meaning; new fields do not raise it."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a day's bars and alerts stand against the broker's."""

    day: date
    against: str
    """Where the other bars come from: a broker's name, or a file's."""
    comparison: Comparison
    alerts: Alerts
    recorded: Mapping[str, bool]
    """The day's alerts as they were raised, by fingerprint: was it given to any channel?"""
    only_ours: Sequence[str]
    """Symbols without a bar at the broker."""
    only_theirs: Sequence[str]

    def was_sent(self, transition: Transition) -> bool:
        """Whether people were told of it that day."""
        return self.recorded.get(transition.id, False)


def summary(report: Report) -> str:
    """One line: `1,812 of 1,830 symbols equal; 12 bars differ, worst TATASTEEL 10:31 high +0.05; alerts: ...`."""
    return "; ".join(_parts(report))


def to_json(report: Report) -> dict[str, Any]:
    """Plain JSON values; times are ISO-8601, prices rupees."""
    comparison, alerts = report.comparison, report.alerts
    return {
        "schema": SCHEMA,
        "day": report.day.isoformat(),
        "against": report.against,
        "summary": summary(report),
        "advice": comparison.advice,
        "symbols": {
            "compared": comparison.symbols,
            "equal": comparison.equal_symbols,
            "only_ours": list(report.only_ours),
            "only_theirs": list(report.only_theirs),
        },
        "bars": {
            "compared": comparison.bars,
            "equal": comparison.bars - comparison.differing,
            "differing": comparison.differing,
            "differing_partial": comparison.differing_partial,
            "missing_ours": bars_in(comparison.missing_ours),
            "missing_theirs": bars_in(comparison.missing_theirs),
            "filled": comparison.filled,
        },
        "fields": {figures.field: _field(figures) for figures in comparison.fields},
        "unequal": [
            {
                "symbol": each.symbol,
                "compared": each.compared,
                "differing": each.differing,
                "missing_ours": each.missing_ours,
                "missing_theirs": each.missing_theirs,
                "worst": _difference(each.worst),
            }
            for each in comparison.unequal
        ],
        "gaps_ours": [_gap(gap) for gap in comparison.missing_ours],
        "gaps_theirs": [_gap(gap) for gap in comparison.missing_theirs],
        "alerts": {
            "recorded": len(report.recorded),
            "ours": alerts.ours,
            "same": alerts.same,
            "would_not_fire": [_alert(report, transition) for transition in alerts.would_not_fire],
            "missing": [_alert(report, transition) for transition in alerts.missing],
        },
    }


def bars_in(gaps: Sequence[Gap]) -> int:
    """Bars that are missing in all of them."""
    return sum(gap.bars for gap in gaps)


def size(difference: Difference) -> str:
    """Ours less theirs: rupees of a price, units of volume."""
    change = difference.ours - difference.theirs
    return f"{change:+,.0f}" if difference.field == "volume" else f"{change:+,.2f}"


def short(symbol: str) -> str:
    """A symbol without the exchange that nearly all are of."""
    return symbol.removeprefix("NSE:")


def _parts(report: Report) -> Iterator[str]:
    comparison, alerts = report.comparison, report.alerts
    all_equal = comparison.equal_symbols == comparison.symbols
    yield (
        f"all {comparison.symbols:,} symbols equal"
        if all_equal and comparison.symbols
        else f"{comparison.equal_symbols:,} of {comparison.symbols:,} symbols equal"
    )
    if comparison.differing:
        bars = "1 bar differs" if comparison.differing == 1 else f"{comparison.differing:,} bars differ"
        worst = comparison.worst
        assert worst is not None, "a bar that differs has a worst field"
        yield f"{bars}, worst {short(worst.symbol)} {clock_text(worst.start_ms)[:5]} {worst.field} {size(worst)}"
    lacking, beyond = bars_in(comparison.missing_ours), bars_in(comparison.missing_theirs)
    if lacking or beyond:
        yield f"bars missing: {lacking:,} here, {beyond:,} there"
    if report.only_ours:
        symbols = "1 symbol" if len(report.only_ours) == 1 else f"{len(report.only_ours):,} symbols"
        yield f"{symbols} without candles there"
    said = [
        f"{len(alerts.would_not_fire):,} would not have fired" if alerts.would_not_fire else "",
        f"{len(alerts.missing):,} missing" if alerts.missing else "",
    ]
    yield "alerts: " + (", ".join(filter(None, said)) or (f"all {alerts.same:,} the same" if alerts.same else "none"))


def _field(figures: FieldFigures) -> dict[str, Any]:
    return {
        "compared": figures.compared,
        "equal": figures.equal,
        "differing": figures.differing,
        "median": {_unit(figures.field): figures.median_steps, "percent": figures.median_percent},
        "worst": _difference(figures.worst),
    }


def _difference(difference: Difference | None) -> dict[str, Any] | None:
    if difference is None:
        return None
    return {
        "symbol": difference.symbol,
        "time": iso(difference.start_ms),
        "field": difference.field,
        "ours": difference.ours,
        "theirs": difference.theirs,
        _unit(difference.field): difference.steps,
        "percent": difference.percent,
    }


def _unit(field: str) -> str:
    return "units" if field == "volume" else "ticks"


def _gap(gap: Gap) -> dict[str, Any]:
    return {"symbol": gap.symbol, "time": iso(gap.first_ms), "bars": gap.bars}


def _alert(report: Report, transition: Transition) -> dict[str, Any]:
    return {**to_record(transition), "sent": report.was_sent(transition)}
