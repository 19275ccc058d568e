"""Why a symbol is silent, for a trader with five seconds: a line for each strategy and direction, then all of it."""

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.text import Text

from commands.lacks import DOUBT, FAINT, UP, conditions_table, held, nearest_table
from commands.screen import head, market_facts
from control.why import SideWhy, WhyView
from redaction import one_line

_STATES = {"IN_SIGNAL": "in signal", "COOLDOWN": "cooldown", "IDLE": "idle"}


def why_screen(view: WhyView) -> RenderableType:
    """The whole screen; it needs 80 columns, and is better with 100."""
    parts: list[RenderableType] = [head(view), Text(" · ".join(market_facts(view)), style=FAINT), Text()]
    parts.append(nearest_table(view.sides) if view.sides else Text("No strategy is for this symbol", style=DOUBT))
    blocks = [_block(side) for side in view.sides if side.conditions]
    if blocks:
        parts += [Text(), Columns(blocks, padding=(0, 4))]
    if view.unasked:
        parts += [Text(), Text(f"not for this symbol: {one_line('; '.join(view.unasked))}", style=FAINT)]
    return Group(*parts)


def _block(side: SideWhy) -> Group:
    whole = not side.unmet
    title = Text(one_line(f"{side.strategy} v{side.version} · {side.timeframe} {side.direction}"), style="bold")
    title.append(f"  {_STATES.get(side.state, side.state)}", style=f"not bold {FAINT}")
    title.append(f"  {held(side.conditions)}", style=f"not bold {UP}" if whole else "not bold")
    return Group(title, conditions_table(Text(), side.conditions))
