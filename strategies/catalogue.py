"""The strategies there are: each file of this folder that defines one, known by the file's name."""

import re
from importlib import import_module
from inspect import getmembers, isabstract, isclass
from pathlib import Path

from errors import SettingsError
from strategies.strategy import Strategy

FOLDER = Path(__file__).parent

_DEFINES_ONE = re.compile(r"^class \w+\(.*\bStrategy\b", re.MULTILINE)


def strategy_names() -> list[str]:
    """What a strategy can be asked for by, in alphabetical order; nothing is imported."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if _DEFINES_ONE.search(path.read_text(encoding="utf-8")))


def find_strategy(name: str) -> type[Strategy]:
    """The one strategy of `strategies/<name>.py`, a name out of `strategy_names`.

    Raises: SettingsError, when its file cannot be imported or defines no strategy or several.
    """
    try:
        module = import_module(f"strategies.{name}")
    except Exception as error:  # a strategy is a user's own code and may fail in any way
        raise SettingsError([f"strategies/{name}.py cannot be imported: {type(error).__name__}: {error}"]) from error
    found = [
        member
        for _, member in getmembers(module, isclass)
        if issubclass(member, Strategy) and member.__module__ == module.__name__ and not isabstract(member)
    ]
    if len(found) != 1:
        raise SettingsError([f"strategies/{name}.py defines {len(found)} strategies that can run; it must define one"])
    return found[0]
