"""What an indicator is: a series with constant memory, in a file of its own, known to rules by that file's name."""

from typing import Annotated, ClassVar, TypeAlias

from annotated_types import Interval

from indicators.series import Series

Length: TypeAlias = Annotated[int, Interval(ge=1, le=10_000)]
"""How many bars an indicator looks back on."""
Factor: TypeAlias = Annotated[float, Interval(ge=0.01, le=1000)]
"""A multiple: of a deviation, of an average range."""


class Indicator(Series):
    """A streaming indicator: constant memory, nan until ready.

    Rules call it by its file's name, and pass what its constructor takes: a parameter that is a `Series` may be any
    expression, a `Chart` is the rule's own and is not written, all others are numbers. A leading source that a rule
    leaves out is `default_source`: `ema(9)` is `ema(close, 9)`.

    A bar whose source is nan is passed over: `value` is nan and the state stays as it was.
    """

    __slots__ = ()

    default_source: ClassVar[str] = "close"
    """What a leading source is when a rule leaves it out."""
    outputs: ClassVar[tuple[str, ...]] = ()
    """Names of the other numbers it has, each an attribute and nan until ready: `macd(12, 26, 9).signal`."""
    is_number: ClassVar[bool] = True
    """Whether it is a number by itself, besides its `outputs`."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names that rules may use: `bb`."""
    unit: ClassVar[str] = ""
    """`%` when it counts percent, so that a rule may compare it with `2%`."""
    percents: ClassVar[tuple[str, ...]] = ()
    """Those of `outputs` that count percent."""
    needs_volume: ClassVar[bool] = False
    """Whether it reads volume by itself: rules with it stay silent on a bar whose volume is incomplete."""
    of_minutes: ClassVar[bool] = False
    """Whether it is made of the session's 1-minute bars on every timeframe, as of each bar's end."""
    is_condition: ClassVar[bool] = False
    """Whether it holds (1) or does not (0), and so needs no comparison."""
    example: ClassVar[str] = ""
    """A condition as a trader would write it: `close > ema(21)`."""
