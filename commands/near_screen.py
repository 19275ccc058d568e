"""Who is closest to an entry, best first."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from actors.views import NearView
from commands.lacks import DOWN, FAINT, UP, away, missing
from delivery.figures import grouped
from delivery.wording import short_name
from market.clock import clock_text
from redaction import one_line


def near_screen(view: NearView, strategy: str | None) -> RenderableType:
    """The whole screen, of one strategy or of all; it needs 80 columns, and is better with 100."""
    title = Text(f"Closest to an entry{f' of {strategy}' if strategy else ''}", style="bold")
    when = f"market time {clock_text(view.market_ms)}" if view.market_ms else "the market has not begun"
    title.append(f"  {when} · {grouped(view.symbols, 0)} symbols", style=f"not bold {FAINT}")
    left_out = [f"{grouped(number, 0)} {why}" for why, number in sorted(view.left_out.items())]
    parts: list[RenderableType] = [title, Text()]
    parts.append(_table(view, with_strategy=strategy is None) if view.rows else Text("Nobody can enter now"))
    if left_out:
        parts += [Text(), Text(one_line(f"left out: {', '.join(left_out)}"), style=FAINT)]
    return Group(*parts)


def _table(view: NearView, *, with_strategy: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column("symbol", no_wrap=True)
    table.add_column("side", no_wrap=True)
    table.add_column("price", justify="right", no_wrap=True)
    if with_strategy:
        table.add_column("strategy")
    table.add_column("unmet", justify="right", no_wrap=True)
    table.add_column("away", justify="right", no_wrap=True)
    table.add_column("what is missing", ratio=1)
    for row in view.rows:
        unmet = [(each.condition, each.distance_percent) for each in row.unmet]
        table.add_row(
            Text(one_line(short_name(row.symbol))),
            Text(row.direction, style=UP if row.direction == "LONG" else DOWN),
            grouped(row.price),
            *([Text(one_line(f"{row.strategy} {row.timeframe}"))] if with_strategy else []),
            f"{len(row.unmet)} of {row.of}",
            away(row.distance_percent),
            missing(unmet, row.blocked),
        )
    return table
