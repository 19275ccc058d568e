"""One measured figure and what it was meant to be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """A figure: `at_least` and `at_most` are PERFORMANCE targets, None where there is none."""

    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most

    def text(self) -> str:
        """One line for people."""
        number = f"{self.value:,.0f}" if abs(self.value) >= 1000 else f"{self.value:,.3g}"
        target = ""
        if self.at_least is not None:
            target = f"   target ≥ {self.at_least:g}"
        elif self.at_most is not None:
            target = f"   target ≤ {self.at_most:g}"
        verdict = {True: "   met", False: "   MISSED", None: ""}[self.met]
        return f"{self.what:<58}{number:>14} {self.unit:<6}{target}{verdict}"
