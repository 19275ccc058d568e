"""Destinations on this machine: the screen, `signals.jsonl`, `signals.csv`."""

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from delivery.alert import Alert, Announcement
from delivery.destination import Manners
from delivery.figures import lean, percent
from delivery.lines_file import LinesFile
from delivery.message import announced
from delivery.retry import SENT, Outcome, Verdict
from delivery.wording import condition_line, explained, headline, outcome_lines, quality_marks
from market.clock import iso
from redaction import one_line
from signals.signal import Side, SignalType, Transition

_ALL_THAT_WAITS = Manners(together=500)
_SIGNALS_ALONE = Manners(together=500, announces=False)
AT_LENGTH = 5
"""More alerts than this at once are shown on two lines each: nobody can read a screen that races by."""

CSV_COLUMNS = (
    "id",
    "short_id",
    "time",
    "symbol",
    "strategy",
    "direction",
    "type",
    "reason",
    "timeframe",
    "bar_start",
    "price",
    "target",
    "stop",
    "conditions",
    "warm",
    "partial",
    "late",
    "state_id",
)


class ScreenDestination:
    """Alerts with their reasons on a terminal; plain text when it is none."""

    manners = _ALL_THAT_WAITS

    def __init__(self, stream: TextIO | None = None) -> None:
        """Writes to `stream`, else to what the standard output is at that time, for a progress bar replaces it."""
        self._stream = stream

    def send(self, alerts: Sequence[Alert], following: int) -> Outcome:
        show = _in_brief if len(alerts) + following > AT_LENGTH else _on_screen
        return self._write([show(alert) for alert in alerts])

    def announce(self, announcement: Announcement) -> Outcome:
        return self._write([Text(announced(announcement).text, "cyan")])

    def _write(self, texts: Sequence[Text]) -> Outcome:
        stream = self._stream or sys.stdout
        if stream is None:  # closed by who started us
            return Outcome(Verdict.RETRY, "there is no screen")
        try:
            text = _rendered(texts, in_colour=stream.isatty())
            encoding = stream.encoding or "utf-8"
            stream.write(text.encode(encoding, "replace").decode(encoding))
            stream.flush()
        except (OSError, ValueError) as error:
            return Outcome(Verdict.RETRY, f"the screen cannot be written: {error}", may_have_arrived=True)
        return SENT


class JsonLinesDestination:
    """One signal record per line."""

    manners = _SIGNALS_ALONE

    def __init__(self, path: Path) -> None:
        self._file = LinesFile(path)

    def send(self, alerts: Sequence[Alert], following: int) -> Outcome:  # noqa: ARG002 - they are written next
        return self._file.append(alerts, (alert.record for alert in alerts))

    def announce(self, announcement: Announcement) -> Outcome:
        raise AssertionError(announcement.record)  # its manners


class CsvDestination:
    """One line per signal for a spreadsheet, under a line of column names."""

    manners = _SIGNALS_ALONE

    def __init__(self, path: Path) -> None:
        self._file = LinesFile(path, first_line=_csv_line(CSV_COLUMNS))

    def send(self, alerts: Sequence[Alert], following: int) -> Outcome:  # noqa: ARG002 - they are written next
        return self._file.append(alerts, (_csv_line(_csv_row(alert.transition)) for alert in alerts))

    def announce(self, announcement: Announcement) -> Outcome:
        raise AssertionError(announcement.record)  # its manners


def _csv_row(transition: Transition) -> list[str]:
    quality = transition.quality
    return [
        transition.id,
        transition.short_id,
        iso(transition.time_ms),
        transition.symbol,
        transition.strategy,
        transition.direction,
        transition.type,
        transition.reason,
        transition.timeframe,
        iso(transition.bar_start_ms),
        repr(transition.price),
        "" if transition.target is None else repr(transition.target),
        "" if transition.stop is None else repr(transition.stop),
        "; ".join(map(condition_line, transition.conditions)),
        str(quality.warm).lower(),
        str(quality.partial).lower(),
        str(quality.late).lower(),
        transition.state_id,
    ]


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(map(one_line, cells))
    return line.getvalue()


def _rendered(texts: Sequence[Text], *, in_colour: bool) -> str:
    """As text, and not written by rich itself: it ends the program when the reader of a pipe is gone."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=in_colour, highlight=False, soft_wrap=True)
    for each in texts:
        console.print(each)
    return text.getvalue()


def _head(alert: Alert) -> Text:
    transition = alert.transition
    colour = "green" if transition.direction is Side.LONG else "red"
    text = Text(no_wrap=False)
    text.append(one_line(headline(transition, alert.entry)), f"bold {colour}" if _is_entry(transition) else "bold")
    text.append(f"  {transition.timeframe} #{transition.short_id}", "dim")
    return text


def _doubts(alert: Alert) -> list[str]:
    return quality_marks(alert.transition.quality) + (["possible repeat"] if alert.repeat else [])


def _on_screen(alert: Alert) -> Text:
    text = _head(alert)
    for doubt in _doubts(alert):
        text.append(f"\n   ⚠ {doubt}", "yellow")
    for condition in alert.transition.conditions:
        for depth, line in explained(condition):
            style = "dim" if depth else "" if condition.ok else "yellow"
            text.append(f"\n   {'  ' * depth}{one_line(line)}", style)
    for line in outcome_lines(alert.transition, alert.entry):
        text.append(f"\n   {line}", "cyan")
    return text


def _in_brief(alert: Alert) -> Text:
    """The same on two lines: each condition with its margin, without the two values."""
    text = _head(alert)
    for doubt in _doubts(alert):
        text.append(f"  ⚠ {doubt}", "yellow")
    reasons = [
        f"{one_line(condition.text)} {percent(condition.margin_percent)}".rstrip()
        for condition in alert.transition.conditions
    ]
    if alert.transition.score is not None:
        reasons.append(f"score {lean(alert.transition.score)}")
    if reasons:
        text.append(f"\n   {' · '.join(reasons)}", "dim")
    return text


def _is_entry(transition: Transition) -> bool:
    return transition.type is SignalType.ENTRY
