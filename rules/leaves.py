"""The smallest things a rule is made of: constants, names, how many bars ago, which timeframe and symbol."""

import re
from collections.abc import Collection, Mapping
from typing import TypeAlias

from indicators.fields import FIELDS
from nearest import did_you_mean
from rules import tree
from rules.errors import RuleError
from rules.function import Function
from rules.functions import functions
from rules.hints import unexpected, unknown
from rules.part import Kind, Part, kind_of
from rules.reader import Reader
from rules.text import number_text
from rules.tokens import Token, TokenKind, tokens
from rules.words import BUILT_IN, KEYWORDS

Parameters: TypeAlias = Mapping[str, float | int | str]

LONGEST_TIMEFRAME = 1440
_SYMBOL = re.compile("[A-Z]+:[A-Z0-9&._ -]{1,40}")
_SIGNED = re.compile(r"\s*(-?)\s*(.*?)\s*", re.DOTALL)


class Leaves(Reader):
    """Reads what has no parts."""

    def __init__(self, rule: str, parameters: Parameters, names: Collection[str]) -> None:
        super().__init__(rule)
        self._parameters = parameters
        self._names = names
        self._functions = functions()

    def count(self, low: int, high: int, what: str) -> int:
        """A whole number, as written or of a parameter."""
        word = self.skip()
        value = self._constant(word)
        if value is None or value.kind is not Kind.NUMBER:
            if word.kind is TokenKind.SIGN and word.text == "-":
                raise self.fault(word, f"{what}: expected {low} to {high}; the future is not known")
            raise unexpected(word, self.rule, self.words, f"{what}, {low} to {high}")
        if value.value != int(value.value) or not low <= value.value <= high:
            raise self.fault(word, f"{what}: expected a whole number from {low} to {high}, got {word.text}")
        return int(value.value)

    def time(self, what: str) -> int:
        """A time of day in minutes since midnight."""
        word = self.skip()
        value = self._constant(word)
        if value is None or value.kind is not Kind.TIME:
            raise unexpected(word, self.rule, self.words, what)
        return int(value.value)

    def timeframe(self) -> int:
        """The minutes of a timeframe, behind on."""
        word = self.skip()
        text = self._parameters.get(word.text, "") if word.kind is TokenKind.NAME else word.text
        if not re.fullmatch("[0-9]{1,6}m", str(text)) or not 1 <= int(str(text)[:-1]) <= LONGEST_TIMEFRAME:
            if word.kind in {TokenKind.NUMBER, TokenKind.TIMEFRAME} or text:
                minutes = f"; did you mean {word.text}m?" if word.kind is TokenKind.NUMBER else ""
                raise self.fault(word, f"{text} is no timeframe; they go from 1m to {LONGEST_TIMEFRAME}m{minutes}")
            raise unexpected(word, self.rule, self.words, "a timeframe behind on, such as 5m")
        return int(str(text)[:-1])

    def symbol(self) -> str:
        """Another symbol, behind of."""
        word = self.skip()
        text = self._parameters.get(word.text, "") if word.kind is TokenKind.NAME else word.text
        if word.kind is not TokenKind.TEXT and not text:
            raise unexpected(word, self.rule, self.words, 'a symbol in quotes behind of, such as "NSE:NIFTY 50"')
        if word.kind not in {TokenKind.TEXT, TokenKind.NAME}:
            raise self.fault(word, 'a symbol stands in quotes behind of, such as "NSE:NIFTY 50"')
        if not isinstance(text, str) or not _SYMBOL.fullmatch(text):
            shown = str(text)[:40]
            raise self.fault(word, f'{shown or "this"} is no symbol; it has its exchange, such as "NSE:NIFTY 50"')
        return text

    def literal(self, word: Token) -> Part:
        """A number, percentage, time or text as a part."""
        if word.kind is TokenKind.TEXT:
            return Part(tree.Number(0.0), Kind.TEXT, self.rule, word.start, word.end, text=word.text)
        kind = {TokenKind.PERCENTAGE: Kind.PERCENTAGE, TokenKind.TIME: Kind.TIME}.get(word.kind, Kind.NUMBER)
        written = word.text if word.kind is not TokenKind.NUMBER else ""
        return Part(tree.Number(word.value, written), kind, self.rule, word.start, word.end)

    def leaf(self, word: Token) -> Part | None:
        """What a name stands for, unless it is a function."""
        if self.sign("(") and (word.text in self._functions or word.text in BUILT_IN):
            return None
        if (constant := self._constant(word)) is not None:
            return constant
        if word.text in FIELDS or word.text in self._names:
            node = tree.FieldOf(word.text)
            return Part(node, kind_of(node), self.rule, word.start, word.end)
        if word.text in {"true", "false"}:
            return Part(tree.Constant(word.text == "true"), Kind.CONDITION, self.rule, word.start, word.end)
        return None

    def _constant(self, word: Token) -> Part | None:
        """A constant as written, or the value of a parameter."""
        if word.kind in {TokenKind.NUMBER, TokenKind.PERCENTAGE, TokenKind.TIME}:
            return self.literal(word)
        value = self._parameters.get(word.text) if word.kind is TokenKind.NAME else None
        if value is None:
            return None
        if not isinstance(value, (int, float, str)):
            raise self.fault(word, f"the parameter {word.text} is a list; a rule reads one number or text")
        text = value if isinstance(value, str) else number_text(float(value))
        signed = _SIGNED.fullmatch(text)
        assert signed is not None, "anything has this form"
        try:
            inside = tokens(signed[2])
        except RuleError:
            inside = []
        if len(inside) != 2 or inside[0].kind not in {TokenKind.NUMBER, TokenKind.PERCENTAGE, TokenKind.TIME}:
            if not isinstance(value, str):
                raise self.fault(word, f"the parameter {word.text} is {value}, which no rule can use")
            return Part(tree.Number(0.0), Kind.TEXT, self.rule, word.start, word.end, text=value)
        found = self.literal(inside[0])
        amount = -found.value if signed[1] else found.value
        assert isinstance(found.node, tree.Number)
        return Part(tree.Number(amount + 0.0, found.node.text), found.kind, self.rule, word.start, word.end)

    def function(self, word: Token) -> Function | None:
        """The function of that name, None for one of the language itself. Raises: RuleError."""
        if word.text in BUILT_IN:
            return None
        function = self._functions.get(word.text)
        if function is not None:
            return function
        if word.text in KEYWORDS:
            raise unexpected(word, self.rule, self.words, "a number or a condition")
        raise unknown(word, self.rule, [*self._functions, *BUILT_IN, *FIELDS, *self._names, *self._parameters])

    def output(self, function: Function) -> Token | None:
        """The name behind a call and a point, one of the function's further numbers, if there is one.

        Raises: RuleError, also when there is none and the function is no number by itself.
        """
        outputs = function.make.outputs
        if not self.sign("."):
            if function.make.is_number:
                return None
            each = ", ".join(f"{function.name}.{name}" for name in outputs)
            raise self.fault(self.before, f"{function.name} is no number by itself; write one of {each}")
        point, word = self.skip(), self.skip()
        if word.kind is TokenKind.NAME and word.text in outputs:
            return word
        if not outputs:
            raise self.fault(point, f"{function.name} is one number; it has nothing behind a point")
        if word.kind is not TokenKind.NAME:
            raise unexpected(word, self.rule, self.words, f"one of {', '.join(outputs)}")
        near = did_you_mean(word.text, outputs) or f"; it has {', '.join(outputs)}"
        raise self.fault(word, f"{function.name} has no {word.text}{near}")
