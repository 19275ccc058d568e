"""The strategies there are: every file of this folder that defines one."""

import re
from importlib import import_module
from inspect import getmembers, isabstract, isclass
from pathlib import Path

from errors import InputError
from strategies.strategy import Strategy

_FOLDER = Path(__file__).parent
_DEFINES_ONE = re.compile(r"^class \w+\(", re.MULTILINE)


def strategy_names() -> list[str]:
    """Names a strategy can be asked for by, in alphabetical order."""
