"""A mistake in a rule, and how it reads."""

from errors import SignalsError

_WIDTH = 100
"""Characters of a rule that are shown; of a longer one, those around the mistake."""
_CUT = "..."


class RuleError(SignalsError):
    """A rule cannot be used: what was found, where, and what to write instead.

    `str(error)` is one line with the place and the mistake, the rule, and a caret under each letter at fault.
    """

    exit_code = 78

    def __init__(self, problem: str, start: int, end: int, rule: str, place: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.start = start
        """Where the faulty span begins in the rule, from 0."""
        self.end = end
        """Past its last character."""
        self.rule = rule
        self.place = place
        """Such as `config.toml:15:22`; empty while it is not known where the rule stands."""

    @property
    def column(self) -> int:
        """Column of the mistake in the rule, from 1."""
        return self.start + 1

    @property
    def length(self) -> int:
        """How many characters are at fault, at least one."""
        return max(1, self.end - self.start)

    def at(self, file: str, line: int, column: int) -> "RuleError":
        """The same mistake placed in a file, where the rule's first character stands on this line and column, from 1.

        A rule may go over several lines, as a text in triple quotes does.
        """
        above, _, before = self.rule[: self.start].rpartition("\n")
        lines = above.count("\n") + 1 if _ else 0
        place = f"{file}:{line + lines}:{len(before) + (1 if lines else column)}"
        return RuleError(self.problem, self.start, self.end, self.rule, place)

    def __str__(self) -> str:
        return f"{self.place or f'column {self.column}'}: {self.problem}\n{self.shown()}"

    def shown(self) -> str:
        """The rule's line and the carets below it."""
        line = "".join(letter if letter.isprintable() else " " for letter in self.rule)
        first = 0
        if len(line) > _WIDTH:
            first = max(0, min(self.start - _WIDTH // 2, len(line) - _WIDTH))
        last = min(len(line), first + _WIDTH)
        before, after = _CUT if first else "", _CUT if last < len(line) else ""
        carets = min(self.length, max(1, last - self.start))
        return f"  {before}{line[first:last]}{after}\n  {' ' * (len(before) + self.start - first)}{'^' * carets}"


def column_of(rule: str, line: str) -> int:
    """The column, from 1, where a rule begins in a file's line; 1 when it is not written there as it is."""
    return max(line.find(rule.partition("\n")[0]), 0) + 1
