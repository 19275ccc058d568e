"""A checked tree as a rule: the one way of writing it, with as few parentheses as it can have."""

from decimal import Decimal

from rules import tree
from rules.function import Takes
from rules.part import Kind, kind_of

# How strongly the parts of a rule hold together, loosest first.
_ANY, _EVERY, _NOT, _CONDITION, _SUM, _PRODUCT, _SIGNED, _PLACED, _SINGLE = range(9)


def text(node: tree.Node) -> str:
    """The rule of a tree, parameters filled in; `parse(text(tree)) == tree`.

    A source that is the default is left out, and so are last constants that are; the first is written: `ema(close, 9)`
    is `ema(9)`, `macd(12, 26, 9)` is `macd(12)`.
    """
    return _written(node)[0]


def number_text(value: float) -> str:
    """A number with all its digits, and no exponent."""
    return format(Decimal(repr(float(value))), "f").removesuffix(".0")


def time_text(minutes: float) -> str:
    """Minutes since midnight as `09:20`."""
    return f"{int(minutes) // 60:02}:{int(minutes) % 60:02}"


def _in(node: tree.Node, least: int) -> str:
    """A part, in parentheses if it holds together less than what stands around it."""
    written, strength = _written(node)
    return written if strength >= least else f"({written})"


def _written(node: tree.Node) -> tuple[str, int]:  # noqa: C901, PLR0911, PLR0912 - one case for each node
    match node:
        case tree.Number(value=value):
            return number_text(value), _SIGNED if value < 0 else _SINGLE
        case tree.Constant(holds=holds):
            return "true" if holds else "false", _SINGLE
        case tree.FieldOf(name=name):
            return name, _SINGLE
        case tree.Call():
            return _call(node), _SINGLE
        case tree.Binary(operator=operator) if operator in tree.COMPARISONS:
            return f"{_side(node.left, node.right)} {operator} {_side(node.right, node.left)}", _CONDITION
        case tree.Binary(operator=operator):
            strength = _SUM if operator in {tree.Operator.ADD, tree.Operator.SUBTRACT} else _PRODUCT
            return f"{_in(node.left, strength)} {operator} {_in(node.right, strength + 1)}", strength
        case tree.Percent(percent=percent):
            return f"{_in(node.source, _SUM)} {'-' if percent < 0 else '+'} {number_text(abs(percent))}%", _SUM
        case tree.Between(source=source, low=low, high=high):
            return f"{_in(source, _SUM)} between {_side(low, source)} and {_side(high, source)}", _CONDITION
        case tree.Negative(source=source):
            return f"-{_in(source, _SIGNED)}", _SIGNED
        case tree.Absolute(source=source):
            return f"abs({text(source)})", _SINGLE
        case tree.Least(parts=parts):
            return f"min({', '.join(map(text, parts))})", _SINGLE
        case tree.Greatest(parts=parts):
            return f"max({', '.join(map(text, parts))})", _SINGLE
        case tree.Count(parts=parts):
            return f"count({', '.join(map(text, parts))})", _SINGLE
        case tree.Not(source=source):
            return f"not {_in(source, _NOT)}", _NOT
        case tree.Every(parts=parts):
            return " and ".join(_in(part, _NOT) for part in parts), _EVERY
        case tree.AnyOf(parts=parts):
            return " or ".join(_in(part, _EVERY) for part in parts), _ANY
        case tree.Ago(source=source, bars=bars):
            return f"{_in(source, _SINGLE)}[{bars}]", _SINGLE
        case tree.Within(source=source, bars=bars):
            return f"{_in(source, _CONDITION)} within {_bars(bars)}", _CONDITION
        case tree.Throughout(source=source, bars=bars):
            return f"{_in(source, _CONDITION)} for {_bars(bars)}", _CONDITION
        case tree.InSession(first_minute=first, last_minute=last):
            return f"in session {time_text(first)}-{time_text(last)}", _CONDITION
        case tree.On(source=source, minutes=minutes):
            return f"{_in(source, _SINGLE)} on {minutes}m", _PLACED
        case tree.Of(source=source, symbol=symbol):
            inner = text(source) if isinstance(source, tree.On) else _in(source, _SINGLE)
            return f"{inner} of {_quoted(symbol)}", _PLACED


def _side(node: tree.Node, other: tree.Node) -> str:
    """A side of a comparison, as its other side asks for it: a time of day, a percentage."""
    if isinstance(node, tree.Number):
        kind = kind_of(other)
        if kind is Kind.TIME:
            return time_text(node.value)
        if kind is Kind.POINTS:
            return f"{number_text(node.value)}%"
    return _in(node, _SUM)


def _call(node: tree.Call) -> str:
    sources, constants = iter(node.sources), iter(node.constants)
    arguments: list[str] = []
    needed = written = 0
    for position, parameter in enumerate(node.function.parameters):
        if parameter.takes is Takes.SERIES:
            source = next(sources)
            if position or source != tree.FieldOf(str(parameter.default)):
                arguments.append(text(source))
                needed = len(arguments)
        else:
            constant = next(constants)
            arguments.append(_quoted(constant) if isinstance(constant, str) else number_text(constant))
            written += 1
            if written == 1 or constant != parameter.default:
                needed = len(arguments)
    return (
        node.function.name
        + (f"({', '.join(arguments[:needed])})" if arguments else "")
        + (f".{node.output}" if node.output else "")
    )


def _bars(bars: int) -> str:
    return f"{bars} bar" if bars == 1 else f"{bars} bars"


def _quoted(constant: str) -> str:
    return f"'{constant}'" if '"' in constant else f'"{constant}"'
