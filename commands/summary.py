"""What a played session held, on the screen."""

import io
import os
import sys

from loguru import logger
from rich.console import Console
from rich.table import Table

from actors.answers import Seen


def print_summary(seen: Seen, *, is_whole: bool) -> None:
    """Symbols, bars, signals by kind, and what each channel brought; a screen that is gone is no fault of the run."""
    # Not written by rich itself: it ends the program when the reader of a pipe is gone.
    text = io.StringIO()
    console = Console(file=text, highlight=False)
    console.print("\nThe session is over:" if is_whole else "\nStopped before the end of the session:")
    console.print(_table(seen))
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text.getvalue())
        sys.stdout.flush()
    except OSError as error:
        logger.warning("the summary cannot be shown: {}", error.strerror)
        # What stays in the stream would be tried again at the exit, and spoil its code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _table(seen: Seen) -> Table:
    table = Table(box=None, show_header=False)
    table.add_column(justify="right")
    table.add_column(justify="left")
    table.add_row(f"{seen.symbols:,}", "symbols watched")
    if cold := seen.symbols - seen.warm:
        table.add_row(f"{cold:,}", "of them still without the candles that every indicator wants")
    table.add_row(f"{seen.ticks:,}", "ticks")
    table.add_row(f"{seen.bars:,}", "1-minute bars")
    for kind, number in sorted(seen.signals.items()):
        table.add_row(f"{number:,}", kind)
    for channel in seen.channels:
        waiting = f", {channel.pending:,} not sent" if channel.pending else ""
        refused = f", {channel.dead:,} refused" if channel.dead else ""
        table.add_row(f"{channel.sent:,}", f"alerts sent to {channel.channel}{waiting}{refused}")
    return table
