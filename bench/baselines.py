"""What a user would write or pick instead: the same bars, EMA 9/15/55, session VWAP and rule, without our actors."""

import pykka
from talipp.indicators import EMA

from market.tick import TickBatch

ALPHAS = (2 / 10, 2 / 16, 2 / 56)


class _Symbol:
    __slots__ = (
        "averages",
        "bars",
        "close",
        "held",
        "high",
        "low",
        "minute",
        "open",
        "seen",
        "total",
        "turnover",
        "volume",
    )

    def __init__(self) -> None:
        self.minute = -1
        self.bars = self.seen = self.volume = self.total = 0
        self.turnover = self.open = self.high = self.low = self.close = 0.0
        self.averages = [0.0, 0.0, 0.0]
        self.held = False


def plain_loop(batches: list[TickBatch], symbols: int) -> int:
    """Slotted objects in one loop on one thread, nothing else; returns the number of entries."""
    table = [_Symbol() for _ in range(symbols)]
    entries = 0
    for batch in batches:
        for key, at_ms, price, volume in zip(batch.keys, batch.times_ms, batch.prices, batch.volumes, strict=True):
            if not at_ms:
                continue
            symbol = table[key]
            minute = at_ms // 60_000
            if minute == symbol.minute:
                if price > symbol.high:
                    symbol.high = price
                elif price < symbol.low:
                    symbol.low = price
                symbol.close = price
                symbol.volume += volume - symbol.seen
                symbol.seen = volume
                continue
            if symbol.minute >= 0:
                entries += _close(symbol)
            symbol.minute = minute
            symbol.open = symbol.high = symbol.low = symbol.close = price
            symbol.volume = volume - symbol.seen
            symbol.seen = volume
    return entries


def _close(symbol: _Symbol) -> bool:
    close = symbol.close
    symbol.bars += 1
    averages = symbol.averages
    if symbol.bars == 1:
        averages[:] = close, close, close
    else:
        averages[0] += (close - averages[0]) * ALPHAS[0]
        averages[1] += (close - averages[1]) * ALPHAS[1]
        averages[2] += (close - averages[2]) * ALPHAS[2]
    symbol.turnover += (symbol.high + symbol.low + close) / 3 * symbol.volume
    symbol.total += symbol.volume
    above = (
        symbol.bars >= 55
        and symbol.total > 0
        and close > averages[0]
        and close > averages[1]
        and close > averages[2]
        and close > symbol.turnover / symbol.total
    )
    enters = above and not symbol.held
    symbol.held = above
    return enters


class _TalippSymbol(_Symbol):
    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines = [EMA(length) for length in (9, 15, 55)]


def talipp_loop(batches: list[TickBatch], symbols: int) -> int:
    """The same loop with talipp's EMA objects: what a careful hobbyist writes."""
    table = [_TalippSymbol() for _ in range(symbols)]
    entries = 0
    for batch in batches:
        for key, at_ms, price, volume in zip(batch.keys, batch.times_ms, batch.prices, batch.volumes, strict=True):
            if not at_ms:
                continue
            symbol = table[key]
            minute = at_ms // 60_000
            if minute == symbol.minute:
                symbol.high, symbol.low = max(symbol.high, price), min(symbol.low, price)
                symbol.close = price
                symbol.volume += volume - symbol.seen
                symbol.seen = volume
                continue
            if symbol.minute >= 0:
                entries += _talipp_close(symbol)
            symbol.minute = minute
            symbol.open = symbol.high = symbol.low = symbol.close = price
            symbol.volume = volume - symbol.seen
            symbol.seen = volume
    return entries


def _talipp_close(symbol: _TalippSymbol) -> bool:
    close = symbol.close
    for line in symbol.lines:
        line.add(close)
    symbol.turnover += (symbol.high + symbol.low + close) / 3 * symbol.volume
    symbol.total += symbol.volume
    values = [line[-1] for line in symbol.lines]
    above = None not in values and symbol.total > 0 and close > max(*values, symbol.turnover / symbol.total)
    enters = above and not symbol.held
    symbol.held = above
    return enters


class _ThreadedSymbol(pykka.ThreadingActor):
    """One operating-system thread per symbol, one message per tick."""

    use_daemon_thread = True

    def __init__(self) -> None:
        super().__init__()
        self.symbol = _Symbol()

    def on_receive(self, message: tuple[int, float, int]) -> None:
        at_ms, price, volume = message
        symbol = self.symbol
        minute = at_ms // 60_000
        if minute == symbol.minute:
            symbol.high, symbol.low = max(symbol.high, price), min(symbol.low, price)
            symbol.close = price
            symbol.volume += volume - symbol.seen
            symbol.seen = volume
            return
        if symbol.minute >= 0:
            _close(symbol)
        symbol.minute = minute
        symbol.open = symbol.high = symbol.low = symbol.close = price
        symbol.volume = volume - symbol.seen
        symbol.seen = volume


class ThreadPerSymbol:
    """pykka as its tutorial shows it: a `ThreadingActor` per symbol and a `tell` per tick."""

    def __init__(self, symbols: int) -> None:
        self._refs = [_ThreadedSymbol.start() for _ in range(symbols)]

    def run(self, batches: list[TickBatch]) -> None:
        """Send every tick and wait until all are handled."""
        refs = self._refs
        for batch in batches:
            for key, at_ms, price, volume in zip(batch.keys, batch.times_ms, batch.prices, batch.volumes, strict=True):
                if at_ms:
                    refs[key].tell((at_ms, price, volume))
        for future in [ref.stop(block=False) for ref in refs]:
            future.get()
