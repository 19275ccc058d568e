"""The functions of the language itself: abs, min, max, count, crosses_above and crosses_below."""

from collections.abc import Sequence

from rules import tree
from rules.building import compared, condition, made, number
from rules.calls import Argument
from rules.errors import RuleError
from rules.part import Part
from rules.tokens import Token
from rules.tree import Operator

_USAGE = {
    "abs": "abs(x)",
    "min": "min(a, b)",
    "max": "max(a, b)",
    "count": "count(close > vwap, rsi(14) > 50)",
    "crosses_above": "crosses_above(a, b)",
    "crosses_below": "crosses_below(a, b)",
}


def built_in(word: Token, arguments: Sequence[Argument], rule: str, end: int) -> Part:
    """A call of one of them. Raises: RuleError."""
    name = word.text
    for argument in arguments:
        if argument.name is not None:
            problem = f"{name} has no names for what it takes; write {_USAGE[name]}"
            raise RuleError(problem, argument.name.start, argument.name.end, rule)
    parts = [argument.part for argument in arguments]
    least, most = (1, 1) if name == "abs" else (2, 2) if name.startswith("crosses") else (1 + (name != "count"), None)
    if len(parts) < least or (most and len(parts) > most):
        raise RuleError(f"{name} takes {_how_many(least, most)}; write {_USAGE[name]}", word.start, end, rule)
    if name.startswith("crosses"):
        return _at(compared(Operator(name.replace("_", " ")), *parts), word.start, end)
    for part in parts:
        (condition if name == "count" else number)(part)
    return made(_node(name, parts), word.start, end, *parts)


def _how_many(least: int, most: int | None) -> str:
    words = {1: "one", 2: "two"}
    return words[least] if most else f"at least {words[least]}"


def _node(name: str, parts: Sequence[Part]) -> tree.Node:
    nodes = tuple(part.node for part in parts)
    values = [node.value for node in nodes if isinstance(node, tree.Number)]
    constant = len(values) == len(nodes)
    match name:
        case "abs":
            return tree.Number(abs(values[0])) if constant else tree.Absolute(nodes[0])
        case "min":
            return tree.Number(min(values)) if constant else tree.Least(nodes)
        case "max":
            return tree.Number(max(values)) if constant else tree.Greatest(nodes)
    settled = [node.holds for node in nodes if isinstance(node, tree.Constant)]
    return tree.Number(float(sum(settled))) if len(settled) == len(nodes) else tree.Count(nodes)


def _at(part: Part, start: int, end: int) -> Part:
    return Part(part.node, part.kind, part.rule, start, end, part.depth)
