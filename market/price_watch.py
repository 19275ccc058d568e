"""Which prices of one symbol need a look: those that somebody waits for, and those that are hard to believe."""

from collections.abc import Callable
from math import inf

from market.bad_prints import BadPrints, Print


class PriceWatch:
    """Tells of trades that reach watched prices, and holds back the far ones if told to doubt them."""

    __slots__ = ("_on_reached", "_prints", "_watched")

    def __init__(
        self,
        on_reached: Callable[[int, float], None],
        count: Callable[[str], None],
        *,
        doubts: bool,
        band: tuple[float, float] | None,
    ) -> None:
        """`on_reached(at_ms, price)` is called when a trade reaches a watched price, `count` with what is odd.

        `band` as in `BadPrints`.
        """
        self._on_reached = on_reached
        self._prints = BadPrints(count, band) if doubts else None
        self._watched = (-inf, inf)

    @property
    def between(self) -> tuple[float, float]:
        """Floor and ceiling: prices between them need no look."""
        floor, ceiling = self._watched
        if self._prints is None:
            return floor, ceiling
        return max(floor, self._prints.floor), min(ceiling, self._prints.ceiling)

    @property
    def holds(self) -> bool:
        """Whether a trade is held back, so that the next one needs a look whatever its price."""
        return self._prints is not None and self._prints.held is not None

    def watch(self, floor: float, ceiling: float) -> None:
        """Tell of trades at or beyond these prices from now on."""
        self._watched = floor, ceiling

    def taken(self, trade: Print, last: float | None) -> tuple[Print, ...]:
        """The trades to take now that this one has come; `last` is the price of the last one taken."""
        if self._prints is None:
            return (trade,)
        return self._prints.taken(trade, last)

    def believes(self, price: float, last: float) -> bool:
        """Whether a price can be that of the very next trade."""
        return self._prints is None or self._prints.believes(price, last)

    def tell(self, at_ms: int, price: float) -> None:
        """A trade was made: tell of it if its price is watched."""
        floor, ceiling = self._watched
        if not floor < price < ceiling:
            self._on_reached(at_ms, price)
