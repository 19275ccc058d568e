"""What rules may call: every indicator, found by its file."""

import inspect
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Interval

import indicators
from errors import SignalsError
from indicators.chart import Chart
from indicators.indicator import Indicator
from indicators.series import Series
from rules.function import Function, Functions, Parameter, Takes
from rules.words import is_taken


class IndicatorError(SignalsError):
    """A file of indicators/ is not one that rules could call."""

    exit_code = 78


@cache
def functions() -> Functions:
    """By name and alias. Raises: IndicatorError naming the file of indicators/ that cannot be used."""
    found: dict[str, Function] = {}
    for path in sorted(Path(next(iter(indicators.__path__))).glob("*.py")):
        function = _of_file(path)
        for name in (function.name, *function.make.aliases) if function else ():
            if is_taken(name, found):
                raise IndicatorError(f"{path.name}: the name {name} is taken")
            found[name] = function  # type: ignore[assignment] # not None, or there is no name
    return MappingProxyType(found)


def _of_file(path: Path) -> Function | None:
    """Its one `Indicator`, if it defines one."""
    try:
        module = import_module(f"indicators.{path.stem}")
    except Exception as error:
        raise IndicatorError(f"{path}: cannot be imported: {error}") from error
    made = [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Indicator)
        and each.__module__ == module.__name__
        and not inspect.isabstract(each)
    ]
    if len(made) > 1:
        raise IndicatorError(f"{path}: has {len(made)} indicators; each has a file of its own, whose name it goes by")
    return function_of(path.stem, made[0]) if made else None


def function_of(name: str, make: type[Indicator]) -> Function:
    """An indicator as rules call it, by its constructor. Raises: IndicatorError."""
    hints = get_type_hints(make.__init__, include_extras=True)
    takes_chart = False
    parameters: list[Parameter] = []
    for each in list(inspect.signature(make.__init__).parameters.values())[1:]:
        hint = hints.get(each.name)
        default = None if each.default is each.empty else each.default
        if hint is Chart and not parameters:
            takes_chart = True
            continue
        if hint is Series and not parameters:
            default = make.default_source
        parameter = _parameter(each.name, hint, default)
        if parameter is None:
            raise IndicatorError(f"indicators/{name}.py: rules cannot give the parameter {each.name} what it takes")
        parameters.append(parameter)
    return Function(name, make, takes_chart, tuple(parameters))


def _parameter(name: str, hint: Any, default: Any) -> Parameter | None:
    base, low, high = hint, None, None
    if get_origin(hint) is Annotated:
        base, *extras = get_args(hint)
        for extra in extras:
            if isinstance(extra, Interval):
                low, high = extra.ge, extra.le
    if get_origin(base) is Literal:
        return Parameter(name, Takes.TEXT, default, choices=get_args(base))
    takes = {Series: Takes.SERIES, int: Takes.WHOLE, float: Takes.NUMBER, str: Takes.TEXT}.get(base)
    return None if takes is None else Parameter(name, takes, default, low, high)  # type: ignore[arg-type]
