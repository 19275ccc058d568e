"""One measured figure and what it was meant to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Result:
    """A figure: `at_least` and `at_most` are PERFORMANCE targets, None where there is none."""

    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    must: float | None = None
    """The easier limit without which the work does not count, in the direction of the target."""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most

    def text(self) -> str:
        """One line for people."""
        number = f"{self.value:,.0f}" if abs(self.value) >= 1000 else f"{self.value:,.3g}"
        line = f"{self.what:<62}{number:>12} {self.unit:<4}"
        target = self.at_most if self.at_least is None else self.at_least
        if target is None:
            return line.rstrip()
        sign = "≤" if self.at_least is None else "≥"
        line += f" target {sign} {target:<6g} {_verdict(self.met)}"
        if self.must is not None:
            has_must = self.value <= self.must if self.at_least is None else self.value >= self.must
            line += f" (must {sign} {self.must:g}: {_verdict(has_must).strip()})"
        return line.rstrip()


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that so many percent of them do not exceed."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]


def _verdict(met: bool | None) -> str:  # noqa: FBT001 - one word for one answer
    return "met   " if met else "MISSED"
