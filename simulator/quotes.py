"""What an exchange says with each tick: the day so far, as it stood at that moment."""

from dataclasses import dataclass, fields

import numpy as np

from market.sessions import DAY_MS, IST_OFFSET_MS
from simulator.session import Floats, Integers, Session


@dataclass(frozen=True, slots=True)
class Quotes:
    """Columns of equal length: prices in rupees, quantities in units."""

    symbol: Integers
    """Index into the session's symbols."""
    times_ms: Integers
    """Trade time, epoch milliseconds UTC; 0 when there was none today."""
    price: Floats
    quantity: Integers
    """Of the last trade."""
    volume: Integers
    """Cumulative since the start of the day."""
    average: Floats
    """Average price of the day's trades: turnover by volume, of what has been sent so far; 0 where there is none."""
    day_open: Floats
    day_high: Floats
    day_low: Floats
    previous_close: Floats
    """Last price of the day before; of the first day recorded, its open, so that nothing looks like a gap."""
    to_buy: Integers
    """Units wanted in the whole book. The recordings have no book, so this and `to_sell` are made up from volume."""
    to_sell: Integers

    def __len__(self) -> int:
        return len(self.symbol)

    def take(self, rows: Integers | slice) -> "Quotes":
        """These rows alone."""
        return Quotes(*(getattr(self, column.name)[rows] for column in fields(self)))


def quotes_of(session: Session) -> Quotes:
    """The day's state at each tick of a session."""
    rows = len(session)
    quantity, volume = np.zeros(rows, np.int64), session.volumes
    average, day_open, day_high, day_low, previous_close = np.zeros((5, rows))
    last_close: dict[int, float] = {}
    for day in _days(session):
        prices, symbol = session.prices[day], int(session.symbol[day[0]])
        quantity[day] = np.maximum(np.diff(volume[day], prepend=0), 0)
        average[day] = _average(prices, volume[day])
        day_open[day] = prices[0]
        day_high[day] = np.maximum.accumulate(prices)
        day_low[day] = np.minimum.accumulate(prices)
        previous_close[day] = last_close.get(symbol, prices[0])
        last_close[symbol] = prices[-1]
    has_volume = volume > 0
    return Quotes(
        symbol=session.symbol,
        times_ms=session.times_ms,
        price=session.prices,
        quantity=quantity,
        volume=volume,
        average=average,
        day_open=day_open,
        day_high=day_high,
        day_low=day_low,
        previous_close=previous_close,
        to_buy=np.where(has_volume, 1000 + volume // 8 + quantity * 3, 0),
        to_sell=np.where(has_volume, 1000 + volume // 9 + quantity * 2, 0),
    )


def before_trading(quotes: Quotes, count: int) -> Quotes:
    """One row for each of `count` symbols before its first trade: time 0, volume 0, price the previous close."""
    first = np.full(count, -1, np.int64)
    present, rows = np.unique(quotes.symbol, return_index=True)
    first[present] = rows
    close = quotes.previous_close[first]
    nothing, no_price = np.zeros(count, np.int64), np.zeros(count)
    return Quotes(
        symbol=np.arange(count),
        times_ms=nothing,
        price=close,
        quantity=nothing,
        volume=nothing,
        average=no_price,
        day_open=no_price,
        day_high=no_price,
        day_low=no_price,
        previous_close=close,
        to_buy=nothing,
        to_sell=nothing,
    )


def _days(session: Session) -> list[Integers]:
    """Rows of each symbol and day, oldest day first within a symbol."""
    by_symbol = np.argsort(session.symbol, kind="stable")
    symbol, day = session.symbol[by_symbol], (session.due_ms[by_symbol] + IST_OFFSET_MS) // DAY_MS
    return np.split(by_symbol, np.flatnonzero(np.diff(symbol) | np.diff(day)) + 1)


def _average(prices: Floats, volume: Integers) -> Floats:
    traded = np.diff(np.maximum.accumulate(volume), prepend=0)
    total, turnover = np.cumsum(traded), np.cumsum(prices * traded)
    average: Floats = np.divide(turnover, total, out=np.zeros_like(prices), where=total > 0)
    return average
