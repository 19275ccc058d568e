"""Reads a rule into its checked tree, by recursive descent: one method for each level of the grammar."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

from rules import building, tree
from rules.building import condition, made, number
from rules.built_in import built_in
from rules.calls import Argument, called
from rules.errors import RuleError
from rules.hints import unexpected
from rules.leaves import Leaves, Parameters
from rules.part import Kind, Part, kind_of
from rules.tokens import Token, TokenKind
from rules.tree import Operator
from rules.walk import nodes_of

MOST_NODES: Final = 200
"""How many parts a rule may have."""
MOST_BARS: Final = 5000
"""How many bars a rule may look back."""
_COMPARISONS: Final = frozenset({">", ">=", "<", "<=", "==", "!="})
_NOTHING: Mapping[str, float | int | str] = MappingProxyType({})


def parse(text: str, parameters: Parameters = _NOTHING, names: Collection[str] = ()) -> tree.Node:
    """The tree of a rule, a number or a condition.

    `parameters` are names that stand for constants; a text as value may be a percentage (`"2 %"`), a time of day or a
    timeframe. `names` are further numbers that this rule may read, such as `entry`. Raises: RuleError.
    """
    part = _Parser(text, parameters, names).whole()
    return part.node if part.kind in {Kind.CONDITION, Kind.TIME} else number(part).node


def parse_condition(text: str, parameters: Parameters = _NOTHING, names: Collection[str] = ()) -> tree.Node:
    """The tree of a rule that holds or does not. Raises: RuleError."""
    return condition(_Parser(text, parameters, names).whole()).node


def parse_number(text: str, parameters: Parameters = _NOTHING, names: Collection[str] = ()) -> tree.Node:
    """The tree of a rule that is a number. Raises: RuleError."""
    return number(_Parser(text, parameters, names).whole()).node


class _Parser(Leaves):
    def whole(self) -> Part:
        """The rule from its first word to its last."""
        if self.now.kind is TokenKind.END:
            raise self.fault(self.now, "the rule is empty; write a condition, such as close > ema(21)")
        part = self.expression()
        if self.now.start < len(self.rule.rstrip()):
            raise unexpected(self.now, self.rule, self.words, "the end of the rule")
        nodes = sum(1 for _ in nodes_of(part.node)) if len(self.words) > MOST_NODES // 2 else 0
        if nodes > MOST_NODES:
            problem = f"a rule has at most {MOST_NODES} parts, this one has {nodes}; write it as several"
            raise RuleError(problem, 0, len(self.rule), self.rule)
        return part

    def expression(self) -> Part:
        """`a or b`; also what stands in parentheses."""
        parts = [self._every()]
        while self.take("or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else building.joined(parts, every=False)

    def _every(self) -> Part:
        parts = [self._opposite()]
        while self.take("and"):
            parts.append(self._opposite())
        return parts[0] if len(parts) == 1 else building.joined(parts, every=True)

    def _opposite(self) -> Part:
        word = self.take("not")
        if word is None:
            return self._lasting()
        with self.nested(word):
            return building.opposite(word.start, self._opposite())

    def _lasting(self) -> Part:
        """A condition, how long it held or may be ago, and in which session."""
        part = self._session() if self.at("in") else self._comparison()
        while word := self.take("within", "for"):
            bars = self.count(1, MOST_BARS, f"the number of bars behind {word.text}")
            end = self.need("bars", "bar", what=f"bars behind {word.text} and their number")
            kind = tree.Within if word.text == "within" else tree.Throughout
            part = building.lasting(kind, part, bars, end.end)
        while self.at("in"):
            condition(part)
            part = building.joined([part, self._session()], every=True)
            if self.at("within", "for"):
                advice = "write the session last, or put what comes before in parentheses"
                raise self.fault(self.now, f"{self.now.text} cannot follow a session; {advice}")
        return part

    def _session(self) -> Part:
        first = self.need("in", what="in session")
        self.need("session", what="session, such as in session 09:20-15:00")
        begins = self.time("the time at which the session begins, such as 09:20")
        self.need("-", what="- and the time at which the session ends")
        last = self.now
        ends = self.time("the time at which the session ends, such as 15:00")
        if begins >= ends:
            raise RuleError("the session ends before it begins", first.start, last.end, self.rule)
        return Part(tree.InSession(begins, ends), Kind.CONDITION, self.rule, first.start, last.end)

    def _comparison(self) -> Part:
        left = self._sum()
        if self.take("between"):
            low = self._sum()
            self.need("and", what="and, as in x between a and b")
            return building.between(left, low, self._sum())
        operator = self._operator()
        if operator is None:
            return left
        right = self._sum()
        part = building.compared(operator, left, right)
        if self.sign(*_COMPARISONS):
            problem = f"comparisons cannot be chained; write {left.written} {operator} {right.written} and "
            raise self.fault(self.now, f"{problem}{right.written} {self.now.text} ...")
        return part

    def _operator(self) -> Operator | None:
        if self.take("crosses"):
            return Operator(f"crosses {self.need('above', 'below', what='above or below behind crosses').text}")
        return Operator(self.skip().text) if self.sign(*_COMPARISONS) else None

    def _sum(self) -> Part:
        part = self._product()
        while self.sign("+", "-"):
            operator = Operator(self.skip().text)
            part = building.arithmetic(operator, part, self._product())
        return part

    def _product(self) -> Part:
        part = self._signed()
        while self.sign("*", "/"):
            operator = Operator(self.skip().text)
            part = building.arithmetic(operator, part, self._signed())
        return part

    def _signed(self) -> Part:
        if not self.sign("-"):
            return self._placed()
        word = self.skip()
        with self.nested(word):
            return building.negative(word.start, self._signed())

    def _placed(self) -> Part:
        """A number or condition, of how many bars ago, on which timeframe, of which symbol."""
        part = self._single()
        while self.sign("["):
            part = self._ago(part)
        timeframe: tuple[int, int] | None = None
        symbol: tuple[str, int] | None = None
        while word := self.take("on", "of"):
            if word.text == "on":
                if timeframe:
                    raise self.fault(word, "one timeframe is enough")
                timeframe = self.timeframe(), self.before.end
            else:
                if symbol:
                    raise self.fault(word, "one symbol is enough")
                symbol = self.symbol(), self.before.end
        if timeframe:
            part = self._elsewhere(part, tree.On, lambda node: tree.On(node, timeframe[0]), timeframe[1])
        if symbol:
            part = self._elsewhere(part, tree.Of, lambda node: tree.Of(node, symbol[0]), symbol[1])
        if (timeframe or symbol) and self.sign("["):
            bars = "write close[1] on 5m for a bar of 5m ago, (close on 5m)[1] for one of this chart"
            raise self.fault(self.now, f"it is not clear which bars are meant; {bars}")
        return part

    def _ago(self, part: Part) -> Part:
        self.skip()
        bars = self.count(0, MOST_BARS, "how many bars ago")
        end = self.need("]", what="the closing ]")
        return building.lasting(tree.Ago, part, bars, end.end)

    def _elsewhere(
        self, part: Part, kind: type[tree.On | tree.Of], wrap: Callable[[tree.Node], tree.On | tree.Of], end: int
    ) -> Part:
        if part.kind in {Kind.PERCENTAGE, Kind.TEXT}:
            number(part)
        if building.unchanging(part):
            return made(part.node, part.start, end, part)
        if any(isinstance(node, kind) for node in nodes_of(part.node)):
            what, word = ("timeframe", "on") if kind is tree.On else ("symbol", "of")
            problem = f"there is another {word} inside; a number has one {what}"
            raise RuleError(problem, part.start, max(end, self.before.end), self.rule)
        return made(wrap(part.node), part.start, max(end, part.end), part)

    def _single(self) -> Part:
        word = self.skip()
        match word.kind:
            case TokenKind.SIGN if word.text == "(":
                with self.nested(word):
                    inner = self.expression()
                end = self.close(word)
                return Part(inner.node, inner.kind, self.rule, word.start, end, inner.depth)
            case TokenKind.NAME:
                return self._named(word)
            case TokenKind.NUMBER | TokenKind.PERCENTAGE | TokenKind.TIME | TokenKind.TEXT:
                return self.literal(word)
            case _:
                raise unexpected(word, self.rule, self.words, "a number or a condition")

    def _named(self, word: Token) -> Part:
        if (leaf := self.leaf(word)) is not None:
            return leaf
        function = self.function(word)
        arguments = self._arguments()
        end, inside = self.before.end, [argument.part for argument in arguments]
        if function is None:
            return built_in(word, arguments, self.rule, end)
        call = called(function, arguments, self.rule, word.start, end)
        if output := self.output(function):
            call, end = tree.Call(function, call.sources, call.constants, output.text), output.end
        return made(call, word.start, end, *inside) if inside else Part(call, kind_of(call), self.rule, word.start, end)

    def _arguments(self) -> list[Argument]:
        """What stands in the parentheses behind a function's name, if there are any."""
        if not self.sign("("):
            return []
        opened, found = self.skip(), list[Argument]()
        if self.sign(")"):
            self.skip()
            return []
        while True:
            name = self._parameter_name()
            if name is None and found and found[-1].name is not None:
                problem = f"what is given by name stands last; name this too, or put it before {found[-1].name.text}="
                raise self.fault(self.now, problem)
            with self.nested(opened):
                found.append(Argument(self.expression(), name))
            if not self.sign(","):
                self.close(opened)
                return found
            self.skip()

    def _parameter_name(self) -> Token | None:
        name = self.now
        if name.kind is not TokenKind.NAME or self.words[self.words.index(name) + 1].text != "=":
            return None
        self.skip()
        self.skip()
        return name
