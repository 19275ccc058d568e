"""Goes through the words of one rule."""

from collections.abc import Iterator
from contextlib import contextmanager

from rules.building import DEEPEST
from rules.errors import RuleError
from rules.hints import unexpected
from rules.tokens import Token, TokenKind, tokens


class Reader:
    """The words of a rule, and which of them is next."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        self.words = tokens(rule)
        self._at = 0
        self._deep = 0

    @property
    def now(self) -> Token:
        """The next word."""
        return self.words[self._at]

    @property
    def before(self) -> Token:
        """The word that was taken last."""
        return self.words[self._at - 1]

    def fault(self, word: Token, problem: str) -> RuleError:
        """A mistake that a word is."""
        return RuleError(problem, word.start, word.end, self.rule)

    def skip(self) -> Token:
        """Take the next word; behind the end there is always the end."""
        word = self.now
        if word.kind is not TokenKind.END:
            self._at += 1
        return word

    def at(self, *words: str) -> bool:
        """Whether one of these words is next."""
        return self.now.kind is TokenKind.NAME and self.now.text in words

    def sign(self, *signs: str) -> bool:
        """Whether one of these signs is next."""
        return self.now.kind is TokenKind.SIGN and self.now.text in signs

    def take(self, *words: str) -> Token | None:
        """Take one of these words, if it is next."""
        return self.skip() if self.at(*words) else None

    def need(self, *words: str, what: str) -> Token:
        """Take one of these words or signs. Raises: RuleError when another is next."""
        if self.at(*words) or self.sign(*words):
            return self.skip()
        raise unexpected(self.now, self.rule, self.words, what)

    def close(self, opened: Token) -> int:
        """Take the ) that closes a (; where it ends."""
        if self.now.kind is TokenKind.END:
            raise self.fault(opened, "this ( is never closed; write a ) where it ends")
        return self.need(")", what="a closing )").end

    @contextmanager
    def nested(self, word: Token) -> Iterator[None]:
        """One level deeper."""
        if self._deep == DEEPEST:
            raise self.fault(word, f"this is nested too deeply; a rule has at most {DEEPEST} levels")
        self._deep += 1
        yield
        self._deep -= 1
