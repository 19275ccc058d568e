"""`run.py debug SYMBOL`: everything about one symbol, from the running program."""

from pathlib import Path

from actors.views import SymbolView
from commands.answer import answer, print_answer
from commands.screen import symbol_screen


def debug(symbol: str, config: Path, *, as_json: bool) -> int:
    """Print the symbol's screen, or exactly the JSON that the program gave. Raises: as `answer` and `print_answer`."""
    text = answer(config, "/debug", {"symbol": symbol}, f"{symbol} is not watched")
    print_answer(text, SymbolView, symbol_screen, as_json=as_json)
    return 0
