"""Conditions on a screen: what holds, what is compared, and what is missing for a signal."""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from typing import TypeAlias

from rich.table import Table
from rich.text import Text

from control.why import ConditionWhy, SideWhy
from delivery.figures import figure
from delivery.wording import truth_mark
from redaction import one_line
from signals.signal import Condition

UP, DOWN, DOUBT, FAINT = "green", "red", "yellow", "dim"
_MARKS = {"✓": UP, "✗": DOWN, "?": DOUBT}

_LONGEST = 48
"""Letters of a condition where there is one line for all of them."""

Shown: TypeAlias = Condition | ConditionWhy


def conditions_table(title: Text, conditions: Sequence[Shown]) -> Table:
    """Each condition with both sides and the distance at which it turns; below it what it is made of."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="not bold")
    table.add_column(title)
    for column in ("at close", "against", "to flip"):
        table.add_column(Text(column, style=FAINT), justify="right")
    for condition in conditions:
        for depth, one in _with_parts(condition):
            sign = truth_mark(one.ok)
            text = Text("  " * depth).append(f"{sign} ", style=_MARKS[sign])
            style = FAINT if depth else "default"
            table.add_row(
                text.append(one_line(one.text), style=style),
                Text(figure(one.left), style=FAINT if depth else ""),
                Text(figure(one.right), style=FAINT if depth else ""),
                Text(_margin(one), style=FAINT if depth else "" if one.ok else "bold"),
            )
    return table


def held(conditions: Sequence[Shown]) -> str:
    """`3 of 4 true`; what conditions are made of does not count."""
    return f"{sum(condition.ok is True for condition in conditions)} of {len(conditions)} true"


def nearest_table(sides: Sequence[SideWhy]) -> Table:
    """A line for each direction of a strategy: how near it is to a signal, and what is in the way."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column("nearest to a signal", no_wrap=True)
    table.add_column("")
    table.add_column("unmet", justify="right", no_wrap=True)
    table.add_column("away", justify="right")
    table.add_column("what is missing")
    for side in sides:
        unmet = [(condition, condition.distance_percent) for condition in side.conditions if not condition.ok]
        table.add_row(
            one_line(f"{side.strategy} {side.timeframe}"),
            side.direction,
            f"{side.unmet} of {len(side.conditions)}" if side.conditions else "",
            away(side.distance_percent),
            missing(unmet, side.blocked),
        )
    return table


def missing(unmet: Iterable[tuple[Shown, float]], blocked: Sequence[str]) -> Text:
    """`close > vwap 0.03% · no entry in the last 10 minutes`: what does not hold, each with how far it is from it."""
    parts = [Text(one_line(why), style=DOUBT) for why in blocked]
    unknown = 0
    for condition, distance in unmet:
        if condition.ok is None:
            unknown += 1
            continue
        text = one_line(condition.text)
        part = Text(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
        parts.append(part.append(f" {away(distance)}" if isfinite(distance) else "", style="bold"))
    if unknown:
        parts.append(Text(f"{unknown} not known yet", style=FAINT))
    return Text(" · ", style=FAINT).join(parts) if parts else Text("nothing", style=UP)


def away(distance_percent: float) -> str:
    """`0.03%`; a dash where it cannot be told."""
    return f"{distance_percent:.2f}%" if isfinite(distance_percent) else "—"


def _margin(condition: Shown) -> str:
    return away(abs(condition.margin_percent))


def _with_parts(condition: Shown, depth: int = 0) -> Iterator[tuple[int, Shown]]:
    yield depth, condition
    for part in condition.parts:
        yield from _with_parts(part, depth + 1)
