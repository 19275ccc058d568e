"""The strategies in Python there are: each file of this folder that defines one, known by the file's name."""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import getmembers, isabstract, isclass
from pathlib import Path
from typing import Any

from errors import SettingsError
from indicators.chart import Chart
from indicators.series import Series
from strategies.strategy import Strategy

FOLDER = Path(__file__).parent

_DEFINES_ONE = re.compile(r"^class \w+\(.*\bStrategy\b", re.MULTILINE)


def strategy_names() -> list[str]:
    """What a strategy can be asked for by, in alphabetical order; nothing is imported."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if _DEFINES_ONE.search(path.read_text(encoding="utf-8")))


def find_strategy(name: str) -> Callable[..., Strategy]:
    """The one strategy of `strategies/<name>.py`, a name out of `strategy_names`.

    Raises: SettingsError, when its file cannot be imported or defines no strategy or several.
    """
    try:
        module = import_module(f"strategies.{name}")
    except (Exception, SystemExit) as error:  # a strategy is a user's own code and may fail in any way
        raise SettingsError([f"strategies/{name}.py cannot be imported: {type(error).__name__}: {error}"]) from error
    found = [
        member
        for _, member in getmembers(module, isclass)
        if issubclass(member, Strategy) and member.__module__ == module.__name__ and not isabstract(member)
    ]
    if len(found) != 1:
        raise SettingsError([f"strategies/{name}.py defines {len(found)} strategies that can run; it must define one"])
    return found[0]


def build_strategy(kind: Callable[..., Strategy], parameters: dict[str, Any], chart: Chart) -> Strategy:
    """A strategy for one symbol, on its chart. Raises: SettingsError, with its constructor's own words."""
    file = f"{kind.__module__.replace('.', '/')}.py"
    try:
        built = kind(chart, **parameters)
    except (Exception, SystemExit) as error:  # as above
        with_them = f" with {parameters}" if parameters else ""
        raise SettingsError([f"{file} cannot be built{with_them}: {type(error).__name__}: {error}"]) from error
    shown = getattr(built, "shown", None)
    if not isinstance(shown, Mapping) or not all(isinstance(series, Series) for series in shown.values()):
        wanted = "its constructor must call super().__init__(shown) with series of the chart, each with a name"
        raise SettingsError([f"{file} cannot be built: {wanted}"])
    return built
