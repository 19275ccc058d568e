"""Where a target or a stop is, as a trader writes it."""

import re

_WRITTEN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(%|atr)?", re.ASCII | re.IGNORECASE)
AT = "at "


def level_rule(text: str) -> tuple[str, bool] | None:
    """The rule of a level, and whether it is a price by itself instead of a distance; None for an empty text.

    `12.5` is a distance in points, `1 %` of the price, `1.5 atr` of 14 bars; any other rule of a number is a distance
    in rupees (`2 * atr(10)`), and a price behind `at` (`at lowest(5)`).

    Raises: ValueError, for a distance of 0 or one of the whole price.
    """
    text = text.strip()
    if not text:
        return None
    if text.startswith(AT):
        return text.removeprefix(AT), True
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return text, False
    amount, measure = float(written[1]), (written[2] or "").lower()
    if amount == 0:
        raise ValueError("a distance of 0 ends every signal at once")
    if measure == "%" and amount >= 100:
        raise ValueError("the whole price or more")
    if measure == "%":
        return f"close * {written[1]} / 100", False
    return (f"{written[1]} * atr(14)" if measure else written[1]), False
