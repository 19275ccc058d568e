"""Numbers and times as a trader in India reads them on a phone."""

from math import isfinite

from market.clock import exchange_time

_LAKH = 100_000


def grouped(value: float, decimals: int = 2) -> str:
    """With Indian grouping: `1,23,456.50`; a number that is not finite is a dash."""
    if not isfinite(value):
        return "—"
    whole, _, fraction = f"{abs(value):.{decimals}f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    while head:
        head, tail = head[:-2], f"{head[-2:]},{tail}"
    sign = "-" if value < 0 and (whole + fraction).strip("0") else ""
    return f"{sign}{tail}.{fraction}" if fraction else f"{sign}{tail}"


def rupees(value: float) -> str:
    """`₹1,23,456.50`."""
    text = grouped(value)
    return f"-₹{text[1:]}" if text.startswith("-") else f"₹{text}"


def figure(value: float) -> str:
    """Either side of a condition: a price, a volume, an oscillator or a small ratio."""
    if isfinite(value) and 0 < abs(value) < 1:
        return f"{value:.4g}"
    if abs(value) >= _LAKH and value == round(value):
        return grouped(value, 0)
    return grouped(value)


def lean(value: float) -> str:
    """A number by itself: `4`, `0.75`, `2.10`."""
    return figure(value).removesuffix(".00")


def percent(value: float) -> str:
    """`+0.15%`; empty when there is none."""
    return f"{value:+.2f}%" if isfinite(value) else ""


def time_of_day(at_ms: int) -> str:
    """`10:31`, or `10:31:07` when it is not a whole minute; exchange time."""
    moment = exchange_time(at_ms)
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


def day(at_ms: int) -> str:
    """`30 Sep 2016`, exchange time."""
    return exchange_time(at_ms).strftime("%d %b %Y").removeprefix("0")
