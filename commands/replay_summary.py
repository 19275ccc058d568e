"""What a replay held, on the screen."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from actors.messages import SymbolsSurvey
from replay.layout import Contents

COUNTED = {
    "late": "after their minute was over",
    "outside_session": "outside the session",
    "pre_open": "before the open",
    "out_of_order": "out of order within their minute",
    "volume_steps_back": "with less day volume than before",
    "not_traded": "stamped 1970, not traded yet",
    "snapshot": "from before the first minute",
    "stray_time": "with a time that nothing near them bears out",
}
"""What the symbols count, in words that follow "bars" or "ticks"."""


@dataclass(frozen=True, slots=True)
class Played:
    """The figures of a replay."""

    rows: int
    skipped: int
    days: int
    """Sessions with rows."""
    survey: SymbolsSurvey
    seconds: float


def print_summary(played: Played, contents: Contents) -> None:
    """Rows, bars, signals by kind, everything out of the ordinary, and how fast it went."""
    survey, cold = played.survey, played.survey.symbols - played.survey.warm
    table = Table(title="The replay is over", box=None, show_header=False)
    table.add_column(justify="right")
    table.add_column(justify="left")
    lines = [
        (played.rows, f"{contents} played"),
        (played.skipped, "rows skipped, as told above") if played.skipped else None,
        (survey.symbols, "symbols"),
        (cold, "of them still without the candles that every indicator wants") if cold else None,
        (played.days, "trading days"),
        (survey.bars, "1-minute bars"),
        *((number, kind) for kind, number in sorted(survey.signals.items())),
        (survey.in_signal, "signals still open") if survey.in_signal else None,
        *((number, f"{contents} {COUNTED.get(what, what)}") for what, number in sorted(survey.counts.items())),
        (round(played.rows / max(played.seconds, 0.001)), f"{contents} a second, {played.seconds:.1f} s in all"),
    ]
    for number, what in filter(None, lines):
        table.add_row(f"{number:,}", what)
    Console(highlight=False).print(table)
