"""`run.py why SYMBOL`: what each strategy lacks for a signal of one symbol, from the running program."""

from pathlib import Path

from commands.answer import answer, print_answer
from commands.why_screen import why_screen
from control.why import WhyView


def why(symbol: str, config: Path, *, as_json: bool) -> int:
    """Print the screen, or exactly the JSON that the program gave. Raises: as `answer` and `print_answer`."""
    text = answer(config, "/why", {"symbol": symbol}, f"{symbol} is not watched")
    print_answer(text, WhyView, why_screen, as_json=as_json)
    return 0
