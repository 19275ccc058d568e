"""The words of the language, and what people write instead of them."""

from collections.abc import Mapping

from indicators.fields import FIELDS

KEYWORDS = frozenset(
    {
        "and", "or", "not", "crosses", "above", "below", "within", "for", "bar", "bars", "between", "on", "of", "in",
        "session", "true", "false",
    }
)  # fmt: skip
BUILT_IN = frozenset({"abs", "min", "max", "count", "crosses_above", "crosses_below"})
"""Functions of the language itself; all others are indicators."""
SIGNAL_PRICES = ("entry", "target", "stop")
"""Names that a number shown with a signal may use: the signal's own prices, in rupees."""

INSTEAD: Mapping[str, str] = {
    "&&": "write and",
    "&": "write and",
    "||": "write or",
    "|": "write or",
    "!": "write not",
    "=": "to compare, write ==",
    "===": "write ==",
    "=>": "write >=",
    "=<": "write <=",
    "<>": "write !=",
    "**": "there are no powers; multiply instead",
    "^": "there are no powers; multiply instead",
    "%": "a percentage is a number and its sign, such as 0.2%",
    "#": "a comment stands outside of the rule's quotes",
    ";": "join conditions with and, or",
    "?": "a rule is one condition; join conditions with and, or, not",
    ":": "a time of day is written 09:20",
    "{": "use round parentheses ( )",
    "}": "use round parentheses ( )",
    "$": "prices are written without a currency sign",
    "₹": "prices are written without a currency sign",
    "€": "prices are written without a currency sign",
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write !=",
    "×": "write *",  # noqa: RUF001 - what people paste
    "÷": "write /",
    "“": 'use straight quotes: "NSE:NIFTY 50"',
    "”": 'use straight quotes: "NSE:NIFTY 50"',
    "„": 'use straight quotes: "NSE:NIFTY 50"',
    "‘": 'use straight quotes: "NSE:NIFTY 50"',  # noqa: RUF001 - what people paste
    "’": 'use straight quotes: "NSE:NIFTY 50"',  # noqa: RUF001 - what people paste
    "`": 'use straight quotes: "NSE:NIFTY 50"',
    "–": "write the ordinary - of the keyboard",  # noqa: RUF001 - what people paste
    "—": "write the ordinary - of the keyboard",
    "−": "write the ordinary - of the keyboard",  # noqa: RUF001 - what people paste
    "\u00a0": "write an ordinary space",
    "\u2009": "write an ordinary space",
    "\u200b": "delete it",
    "\ufeff": "delete it",
    "crossover": "write a crosses above b",
    "crossunder": "write a crosses below b",
    "crossing": "write crosses above or crosses below",
    "cross": "write crosses above or crosses below",
    "crossed": "write crosses above or crosses below",
    "over": "write crosses above, or >",
    "under": "write crosses below, or <",
    "above": "write >, or crosses above for the bar on which it happens",
    "below": "write <, or crosses below for the bar on which it happens",
    "is": "compare with > >= < <= == or !=",
    "equals": "write ==",
    "greater": "write >",
    "less": "write <",
    "more": "write >",
    "than": "write > or <",
    "if": "a rule is only its condition; leave this out",
    "when": "a rule is only its condition; leave this out",
    "then": "a rule is only its condition; leave this out",
    "ta": "leave ta. out, such as ema(21)",
    "math": "leave math. out, such as abs(close - open)",
    "latest": "leave it out; a rule speaks of the bar that has just closed",
    "current": "leave it out; a rule speaks of the bar that has just closed",
    "today": "write day.open, day.high or day.low",
    "yesterday": "write previous_day.open, .high, .low or .close",
    "rising": "write close > close[1] for 3 bars",
    "falling": "write close < close[1] for 3 bars",
    "ago": "write close[3] for the close 3 bars ago",
    "previous": "write close[1] for the close of the bar before",
    "candle": "write bars",
    "candles": "write bars",
    "but": "write and",
    "plus": "write +",
    "minus": "write -",
    "price": "write close for the last price of the bar",
    "ltp": "write close for the last price of the bar",
    "last": "write close for the last price of the bar",
    "vol": "write volume",
}
"""What to write instead of a sign or a word that rules do not have."""
INVISIBLE: Mapping[str, str] = {
    "\u00a0": "a non-breaking space",
    "\u2009": "a thin space",
    "\u200b": "an invisible space",
    "\ufeff": "an invisible mark",
}


def is_taken(name: str, functions: Mapping[str, object]) -> bool:
    """Whether the language itself uses a name, so that a parameter cannot have it."""
    return name in KEYWORDS or name in BUILT_IN or name in FIELDS or name in functions
