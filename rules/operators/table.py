"""Which series computes which operator."""

from collections.abc import Callable, Mapping

from indicators.series import Series
from rules.operators import arithmetic, comparison
from rules.tree import Operator

BINARY: Mapping[Operator, Callable[[Series, Series], Series]] = {
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
