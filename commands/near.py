"""`run.py near [STRATEGY]`: the symbols closest to an entry, from the running program."""

from pathlib import Path

from actors.views import NearView
from commands.answer import answer, print_answer
from commands.near_screen import near_screen


def near(strategy: str | None, top: int, config: Path, *, as_json: bool) -> int:
    """Print the screen, or exactly the JSON that the program gave. Raises: as `answer` and `print_answer`."""
    query = {"top": str(top)} | ({"strategy": strategy} if strategy else {})
    text = answer(config, "/near", query, f"no strategy {strategy} runs")
    print_answer(text, NearView, lambda view: near_screen(view, strategy), as_json=as_json)
    return 0
