"""Which series computes which node."""

from collections.abc import Callable, Mapping, Sequence

from indicators.series import Series
from rules import tree
from rules.operators import arithmetic, comparison, logic, past
from rules.tree import Operator

BINARY: Mapping[Operator, type[arithmetic.Pair]] = {
    Operator.ADD: arithmetic.Sum,
    Operator.SUBTRACT: arithmetic.Difference,
    Operator.MULTIPLY: arithmetic.Product,
    Operator.DIVIDE: arithmetic.Quotient,
    Operator.ABOVE: comparison.Above,
    Operator.AT_LEAST: comparison.AtLeast,
    Operator.BELOW: comparison.Below,
    Operator.AT_MOST: comparison.AtMost,
    Operator.EQUAL: comparison.Equal,
    Operator.DIFFERENT: comparison.Different,
    Operator.CROSSES_ABOVE: comparison.CrossesAbove,
    Operator.CROSSES_BELOW: comparison.CrossesBelow,
}

OF_ONE: Mapping[type, Callable[[Series], Series]] = {
    tree.Negative: arithmetic.Negated,
    tree.Absolute: arithmetic.Absolute,
    tree.Not: logic.Opposite,
}
OF_SEVERAL: Mapping[type, Callable[[Sequence[Series]], Series]] = {
    tree.Least: arithmetic.Least,
    tree.Greatest: arithmetic.Greatest,
    tree.Every: logic.Every,
    tree.AnyOf: logic.AnyOf,
    tree.Count: logic.Number,
}
OF_THE_PAST: Mapping[type, Callable[[Series, int], Series]] = {
    tree.Ago: past.Ago,
    tree.Within: past.Within,
    tree.Throughout: past.Throughout,
}
"""These also take a number of bars."""
