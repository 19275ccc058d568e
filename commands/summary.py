"""What a played session held, on the screen."""

from rich.console import Console
from rich.table import Table

from system import Seen


def print_summary(seen: Seen, *, is_whole: bool) -> None:
    """Symbols, bars, signals by kind, and what each channel brought."""
    console = Console(highlight=False)
    console.print("\nThe session is over:" if is_whole else "\nStopped before the end of the session:")
    table = Table(box=None, show_header=False)
    table.add_column(justify="right")
    table.add_column(justify="left")
    table.add_row(f"{seen.symbols:,}", "symbols watched")
    table.add_row(f"{seen.ticks:,}", "ticks")
    table.add_row(f"{seen.bars:,}", "1-minute bars")
    for kind, number in sorted(seen.signals.items()):
        table.add_row(f"{number:,}", kind)
    for channel in seen.channels:
        waiting = f", {channel.pending:,} not sent" if channel.pending else ""
        refused = f", {channel.dead:,} refused" if channel.dead else ""
        table.add_row(f"{channel.sent:,}", f"alerts sent to {channel.channel}{waiting}{refused}")
    console.print(table)
