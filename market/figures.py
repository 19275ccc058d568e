"""Numbers as Indian traders write them."""


def grouped(number: float, decimals: int = 0) -> str:
    """Lakhs and crores: `grouped(123456.5, 2)` is `1,23,456.50`."""
    sign, digits = ("-", f"{-number:.{decimals}f}") if number < 0 else ("", f"{number:.{decimals}f}")
    whole, point, fraction = digits.partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return sign + ",".join([*reversed(groups), tail]) + point + fraction
