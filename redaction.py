"""What must never be shown, taken out of any text that leaves the process; and text that cannot pretend."""

import base64
import json
import re
import threading
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote

MASK = "***"

_SHORTEST_SECRET = 4
"""A shorter secret is not hidden: every word that happens to hold it would be torn apart."""
_PART = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[^.]{8,}")
"""A piece of an address that is likely a key: letters and digits, and no host name."""

_SHAPES = (
    (re.compile(r"bot\d+:[\w-]+"), "bot" + MASK),
    (re.compile(r"(?<!\d)\d{6,}:[\w-]{20,}"), MASK),  # the same Telegram token on its own, as Apprise's tgram:// has it
    (re.compile(r"(?<![\w-])eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?"), MASK),  # a JWT, as Dhan's access token is
    (re.compile(r"(hooks\.slack\.com/services/|/api/webhooks/)[^\s\"'\\?]+"), r"\1" + MASK),
    (re.compile(r"(://)[^\s/@\"'\\]{1,256}@"), r"\1" + MASK + "@"),
)
_VALUE = r"[^&\s\"'\\,;)\]}]+"
_WORDS = ("token", "key", "secret", "passw", "signature", "bearer", "authorization")
_NAMED = (
    (re.compile(r"(bearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE), r"\1" + MASK),
    (
        re.compile(r"(authorization[\"']?\s*[:=]\s*+[\"']?+)(?!bearer\s)[^\"'\\\r\n,;]+", re.IGNORECASE),
        r"\1" + MASK,
    ),
    (re.compile(r"((?:token|api_?key|secret|password|passwd|signature)=)" + _VALUE, re.IGNORECASE), r"\1" + MASK),
    (re.compile(r"((?:token|api_?key|secret|password)[\"']\s*:\s*[\"'])[^\"'\\]+", re.IGNORECASE), r"\1" + MASK),
    (re.compile(r"((?:access-token|api-key)\s*:\s*)" + _VALUE, re.IGNORECASE), r"\1" + MASK),
)
"""Shapes that one of `_WORDS` introduces; looked for only where one is, for most texts have none."""
_LOGIN = re.compile(r"[^\s\"'\\:/@]{1,64}:[^\s\"'\\/@]{1,128}@(?=[A-Za-z][\w-]{0,62}[.:])")


class Redactor:
    """Masks every secret it was told of, however it is written, and everything that has a secret's shape."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spellings: set[str] = set()
        self._known: re.Pattern[str] | None = None

    def register(self, secret: str) -> None:
        """Hide `secret` from now on, and of an address also the parts that are likely keys.

        Each is hidden as it is, percent-encoded, in base64 and as a string in JSON or Python has it.
        A secret of fewer than four characters cannot be hidden and is left alone.
        """
        spellings = {form for part in _parts(secret) for form in _forms(part)}
        with self._lock:
            self._spellings |= spellings
            # Longest first, so that no part of a secret is left standing beside the mask of another.
            ordered = sorted(self._spellings, key=len, reverse=True)
            self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def redact(self, text: str) -> str:
        """The text with `***` where a secret was."""
        known = self._known
        if known is not None:
            text = known.sub(MASK, text)
        lowered = text.lower()
        shapes = _SHAPES + _NAMED if any(word in lowered for word in _WORDS) else _SHAPES
        for shape, replacement in shapes:
            text = shape.sub(replacement, text)
        return _LOGIN.sub(MASK + "@", text) if "@" in text else text


def _parts(secret: str) -> Iterator[str]:
    whole = secret.strip()
    if len(whole) >= _SHORTEST_SECRET:
        yield whole
    _scheme, is_address, rest = whole.partition("://")
    if not is_address:
        return
    login, has_login, _host = rest.partition("@")
    _user, _, password = login.partition(":")
    if has_login and len(password) >= _SHORTEST_SECRET:
        yield password
        yield unquote(password)
    for part in re.split(r"[/?&=#@:]", rest):
        if _PART.fullmatch(part):
            yield part
            yield unquote(part)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield base64.b64encode(secret.encode()).decode()
    yield base64.urlsafe_b64encode(secret.encode()).decode()
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]


def one_line(text: str) -> str:
    r"""The text on one line: whatever would move the cursor or reorder the line is written out, `\n` or `\u202e`."""
    if text.isprintable():
        return text
    return "".join(map(_written_out, text))


def _written_out(character: str) -> str:
    # Control, format (bidirectional overrides among them), surrogate, line and paragraph separator.
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character.encode("unicode_escape").decode()
    return character
