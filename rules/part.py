"""A part of a rule while it is read: what it means, what it is, and where it stands."""

from dataclasses import dataclass
from enum import Enum

from rules import tree
from rules.errors import RuleError

_SHOWN = 40
"""Characters of a part that a message repeats."""


class Kind(Enum):
    """What a part is, in the words of a message."""

    NUMBER = "a number"
    POINTS = "a number that counts percent"
    PERCENTAGE = "a percentage"
    """As written, `2%`."""
    TIME = "a time of day"
    CONDITION = "a condition"
    TEXT = "a text"


CONSTANTS = (tree.Number, tree.Constant)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a rule."""

    node: tree.Node
    kind: Kind
    rule: str
    start: int
    end: int
    depth: int = 1
    text: str = ""
    """Set for a text."""

    @property
    def is_constant(self) -> bool:
        """Whether it is the same on every bar."""
        return isinstance(self.node, CONSTANTS) or self.kind is Kind.TEXT

    @property
    def value(self) -> float:
        """Of a constant number."""
        assert isinstance(self.node, tree.Number)
        return self.node.value

    @property
    def written(self) -> str:
        """As it stands in the rule, shortened."""
        text = " ".join(self.rule[self.start : self.end].split())
        return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."

    def fault(self, problem: str) -> RuleError:
        """A mistake that this part is."""
        return RuleError(problem, self.start, self.end, self.rule)


def kind_of(node: tree.Node) -> Kind:  # noqa: PLR0911 - one for each sort of node
    """What a node of a checked tree is."""
    match node:
        case tree.FieldOf(name="time"):
            return Kind.TIME
        case tree.Call(function=function, output=output):
            if output:
                return Kind.POINTS if output in function.make.percents else Kind.NUMBER
            return Kind.CONDITION if function.make.is_condition else _measured(function.make.unit)
        case tree.Binary(operator=operator, left=left, right=right):
            if operator in tree.COMPARISONS:
                return Kind.CONDITION
            return _of_arithmetic(operator, left, right)
        case tree.Negative() | tree.Absolute() | tree.Ago() | tree.On() | tree.Of():
            return kind_of(node.source)
        case tree.Least(parts=parts) | tree.Greatest(parts=parts):
            kinds = {kind_of(part) for part in parts if not isinstance(part, tree.Number)}
            return Kind.POINTS if kinds == {Kind.POINTS} else Kind.NUMBER
        case tree.Number() | tree.FieldOf() | tree.Percent() | tree.Count():
            return Kind.NUMBER
        case _:
            return Kind.CONDITION


def _measured(unit: str) -> Kind:
    return Kind.POINTS if unit == "%" else Kind.NUMBER


def _of_arithmetic(operator: tree.Operator, left: tree.Node, right: tree.Node) -> Kind:
    """Percent stay percent when some are added, or when they are multiplied or divided by a constant."""
    constants = isinstance(left, tree.Number), isinstance(right, tree.Number)
    if operator is tree.Operator.DIVIDE and not constants[1]:
        return Kind.NUMBER
    if operator is tree.Operator.MULTIPLY and not any(constants):
        return Kind.NUMBER
    kinds = {kind_of(each) for each, constant in zip((left, right), constants, strict=True) if not constant}
    return Kind.POINTS if kinds == {Kind.POINTS} else Kind.NUMBER
