"""`run.py replay`: recorded bars or ticks through the product's own line, as fast as it goes."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from collector import spare_the_collector
from commands.known import known_offline
from commands.replay_summary import Played, print_summary
from errors import InputError, SignalsError
from logs import start_logging
from market.clock import SystemClock
from replay.advice import advice, sessions_of
from replay.faults import Faults
from replay.layout import parse_columns
from replay.outputs import opened, write_bars, write_signals
from replay.playback import played
from replay.recording import Reading, load_recording
from settings.loader import load

THREAD_TURN_S = 0.1
"""How long a thread may compute before another gets its turn: nobody waits for an answer here, and with Python's 5 ms
the threads of the line, the alerts and the store spent a fifth of a replay on handing over."""


def replay(
    files: Sequence[Path],
    *,
    config: Path,
    sort: bool,
    stamp: Literal["start", "end"],
    columns: str,
    signals: Path | None,
    bars_out: Path | None,
    strict: bool,
) -> int:
    """Play the files and say what came of it; returns 70 when something broke, 65 with `strict` when a row was skipped.

    Raises: SignalsError.
    """
    settings = load(config)
    start_logging("WARNING", None)
    reading = Reading(parse_columns(columns), stamp_end=stamp == "end", sort=sort)
    clock, faults = SystemClock(), Faults(_complain)
    began = clock.monotonic()
    with opened(signals) as signals_file, opened(bars_out) as bars_file, _progress() as progress:
        task = progress.add_task("reading", total=len(files))
        known = known_offline(settings, clock)
        recording = load_recording(files, reading, faults, lambda done: progress.update(task, completed=done), known)
        faults.finish()
        progress.reset(task, description="playing", total=len(recording.rows))
        spare_the_collector()
        sys.setswitchinterval(THREAD_TURN_S)
        with played(
            recording, settings, lambda done: progress.update(task, completed=done), keep_bars=bars_file is not None
        ) as playback:
            if signals_file is not None:
                write_signals(signals_file, playback.store.transitions())
            if bars_file is not None:
                write_bars(bars_file, playback.store.bars_since(0))
    seconds, rows = clock.monotonic() - began, len(recording.rows)
    sessions = sessions_of(recording, settings.session_table())
    days = len({session.date for session in sessions})
    print_summary(Played(rows, faults.total, days, playback.survey, seconds), recording.contents)
    for sentence in (*advice(recording, reading, playback.survey, sessions), *playback.failures):
        _complain(sentence)
    if playback.failures:
        return SignalsError.exit_code
    return InputError.exit_code if strict and faults.total else 0


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _progress() -> Progress:
    """On a terminal a bar, otherwise nothing."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
