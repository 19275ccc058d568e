"""Gives what a rule writes between the parentheses to the parameters it is meant for."""

from collections.abc import Sequence
from dataclasses import dataclass

from nearest import did_you_mean
from rules import tree
from rules.errors import RuleError
from rules.function import Function, Parameter, Takes
from rules.part import Kind, Part
from rules.text import number_text
from rules.tokens import Token


@dataclass(frozen=True, slots=True)
class Argument:
    """One of those written: by its place, or by the parameter's name."""

    part: Part
    name: Token | None = None


def called(function: Function, arguments: Sequence[Argument], rule: str, start: int, end: int) -> tree.Call:
    """A call whose arguments fit. Raises: RuleError."""
    given = _given(function, arguments, rule)
    sources: list[tree.Node] = []
    constants: list[float | int | str] = []
    for parameter in function.parameters:
        part = given.get(parameter.name)
        if part is None and parameter.default is None:
            what = f"{parameter.name} is missing; write {usage(function)}"
            raise RuleError(f"{function.name} takes {_a(parameter)}: {what}", start, end, rule)
        if parameter.takes is Takes.SERIES:
            sources.append(tree.FieldOf(str(parameter.default)) if part is None else _source(function, parameter, part))
        elif part is not None:
            constants.append(_constant(function, parameter, part))
        else:
            assert parameter.default is not None
            constants.append(parameter.default)
    return tree.Call(function, tuple(sources), tuple(constants))


def usage(function: Function) -> str:
    """How it is called: `ema(length)`, or `ema(source, length)`."""
    first, *rest = function.parameters
    if first.takes is not Takes.SERIES or not rest:
        return _with(function, function.parameters)
    return f"{_with(function, rest)} or {_with(function, function.parameters)}"


def _with(function: Function, parameters: Sequence[Parameter]) -> str:
    return f"{function.name}({', '.join(parameter.name for parameter in parameters)})"


def _a(parameter: Parameter) -> str:
    return {
        Takes.SERIES: "a number of the chart",
        Takes.WHOLE: "a whole number",
        Takes.NUMBER: "a number",
        Takes.TEXT: "a text in quotes",
    }[parameter.takes]


def _given(function: Function, arguments: Sequence[Argument], rule: str) -> dict[str, Part]:
    """By the parameter's name."""
    name = function.name
    known = {parameter.name for parameter in function.parameters}
    given: dict[str, Part] = {}
    for argument in arguments:
        word = argument.name
        if word is None:
            continue
        if word.text not in known:
            near = did_you_mean(word.text, known) or f"; write {usage(function)}" if known else ""
            raise RuleError(f"{name} has no {word.text}{near}", word.start, word.end, rule)
        if word.text in given:
            raise RuleError(f"{name} is given its {word.text} twice", word.start, argument.part.end, rule)
        given[word.text] = argument.part
    placed = [argument.part for argument in arguments if argument.name is None]
    if len(placed) + len(given) > len(known):
        if not known:
            problem = f"{name} takes nothing in parentheses; write {name}"
        else:
            problem = f"{name} takes at most {len(known)}; write {usage(function)}"
        raise RuleError(problem, placed[len(known) - len(given)].start if placed else 0, placed[-1].end, rule)
    free = [parameter for parameter in function.parameters if parameter.name not in given]
    for parameter, part in zip(_from_first(function, free, placed), placed, strict=False):
        given[parameter.name] = part
    return given


def _from_first(function: Function, free: list[Parameter], placed: Sequence[Part]) -> list[Parameter]:
    """The parameters that places mean: the first source may be left out, when fewer sources than it takes are there."""
    if not free or not placed or free[0] is not function.parameters[0] or free[0].takes is not Takes.SERIES:
        return free
    taken = _leading([parameter.takes is Takes.SERIES for parameter in free])
    written = _leading([not part.is_constant for part in placed])
    left_out = written == taken - 1 and (written < len(placed) or taken > 1)
    if left_out and len(placed) > len(free) - 1:  # it is not left out, it is wrong
        return free
    return free[1:] if left_out else free


def _leading(flags: Sequence[bool]) -> int:
    return next((position for position, flag in enumerate(flags) if not flag), len(flags))


def _source(function: Function, parameter: Parameter, part: Part) -> tree.Node:
    if part.kind not in {Kind.NUMBER, Kind.POINTS}:
        needed = f"{function.name} takes a number as its {parameter.name}"
        raise part.fault(f"{needed}, such as close; {part.written} is {part.kind.value}")
    if part.is_constant:
        needed = f"{function.name} takes a number of the chart as its {parameter.name}"
        raise part.fault(f"{needed}, such as close; {part.written} is the same on every bar")
    return part.node


def _constant(function: Function, parameter: Parameter, part: Part) -> float | int | str:
    what = f"{parameter.name} of {function.name}"
    if parameter.takes is Takes.TEXT:
        return _text(what, parameter, part)
    expected = _range(parameter)
    if part.kind not in {Kind.NUMBER, Kind.POINTS}:
        raise part.fault(f"{what}: expected {expected}, got {part.written}")
    if not isinstance(part.node, tree.Number):
        raise part.fault(f"{what}: expected {expected}, and {part.written} changes from bar to bar")
    value = part.value
    low, high = parameter.low, parameter.high
    whole = parameter.takes is Takes.WHOLE
    if (whole and value != int(value)) or (low is not None and value < low) or (high is not None and value > high):
        raise part.fault(f"{what}: expected {expected}, got {number_text(value)}")
    return int(value) if whole else value


def _range(parameter: Parameter) -> str:
    kind = "a whole number" if parameter.takes is Takes.WHOLE else "a number"
    if parameter.low is None or parameter.high is None:
        return kind
    return f"{kind} from {number_text(parameter.low)} to {number_text(parameter.high)}"


def _text(what: str, parameter: Parameter, part: Part) -> str:
    if part.kind is not Kind.TEXT:
        some = parameter.choices[0] if parameter.choices else "NSE:NIFTY 50"
        raise part.fault(f'{what}: expected a text in quotes, such as "{some}", got {part.written}')
    if parameter.choices and part.text not in parameter.choices:
        near = did_you_mean(part.text, parameter.choices)
        raise part.fault(f"{what}: there is no {part.text or 'empty one'}{near}")
    return part.text
