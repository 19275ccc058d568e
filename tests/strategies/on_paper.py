"""The shipped strategies on paper: what each of them enters on some bars, written from its page alone."""

from collections.abc import Callable, Mapping

import numpy as np
import talib

from tests.strategies.arithmetic import (
    Floats,
    above,
    adx,
    ago,
    atr,
    below,
    condition,
    count,
    crosses_above,
    crosses_below,
    day_high,
    divided,
    efficiency,
    ema,
    gap,
    highest,
    lowest,
    mean,
    opening_range,
    relative_volume,
    rsi,
    supertrend,
    throughout,
    vwap,
    within,
)
from tests.strategies.paper import Entry, Panel, Wanted, at, away, entries


def ema_vwap(bars: Panel, distance_percent: float = 0, capture_points: float = 0) -> set[Entry]:
    close = bars.close
    worth_it = (close * 0.01 >= capture_points).astype(float)
    lines = [ema(close, length) for length in (9, 15, 55)]
    lines.append(vwap(bars.turnover, bars.volume, bars.day))
    return entries(
        bars,
        {
            "LONG": Wanted(
                [
                    *(above(close, line) for line in lines),
                    condition(close >= lines[0] * (1 + distance_percent / 100), lines[0]),
                    worth_it,
                ],
                away(bars, close / 100, 1),
                away(bars, close * 0.5 / 100, -1),
                [below(close, ago(bars.low, 1))],
            ),
            "SHORT": Wanted(
                [
                    *(below(close, line) for line in lines),
                    condition(close <= lines[0] * (1 - distance_percent / 100), lines[0]),
                    worth_it,
                ],
                away(bars, close / 100, -1),
                away(bars, close * 0.5 / 100, 1),
                [above(close, ago(bars.high, 1))],
            ),
        },
        cooldown=5,
    )


def eod_breakout(bars: Panel, roc_percent: float | None = None) -> set[Entry]:
    high, low, close = bars.high, bars.low, bars.close
    body, span = np.abs(close - bars.open), high - low
    # A body of exactly a tenth is no doji, whatever its decimals round to; a bar without range is one.
    doji = (span == 0) | (np.round(10 * body / bars.tick, 6) < np.round(span / bars.tick, 6))
    width = atr(high, low, close, 10)
    wanted = Wanted(
        [
            above(rsi(close, 6), 70),
            above(close, ema(close, 200)),
            above(close, ago(highest(high, 20), 1)),
            below(adx(high, low, close, 30, bars.tick), 25),
            above(efficiency(close, 3), 0.8),
            above(close, supertrend(high, low, close, 10, 1.5)[0]),
            (~doji).astype(float),
            *([] if roc_percent is None else [above(100 * (close / ago(close, 15) - 1), roc_percent)]),
        ],
        away(bars, 3 * width, 1),
        away(bars, 1.5 * width, -1),
        [below(close, ago(low, 1))],
    )
    return entries(bars, {"LONG": wanted}, cooldown=1)


def momentum(bars: Panel) -> set[Entry]:
    close = bars.close
    top = day_high(bars.high, bars.day)
    volume = relative_volume(bars.volume, bars.day, 5)
    wanted = Wanted(
        [
            above(close, vwap(bars.turnover, bars.volume, bars.day)),
            condition(100 * (top - close) / top <= 1, close),
            condition(volume >= 2, volume),
        ],
        away(bars, close * 2 / 100, 1),
        away(bars, close / 100, -1),
        [below(close, ago(bars.low, 1))],
    )
    return entries(bars, {"LONG": wanted}, cooldown=6)


def confluence(bars: Panel, factors: int = 3) -> set[Entry]:
    close = bars.close
    fast, slow, bias = (ema(close, length) for length in (9, 21, 50))
    average = vwap(bars.turnover, bars.volume, bars.day)
    strength = rsi(close, 6)
    volume = above(bars.volume, 1.5 * mean(bars.volume, 20))
    middle = condition((strength >= 30) & (strength <= 70), strength)
    width = atr(bars.high, bars.low, close, 14)
    up, down = within(crosses_above(fast, slow), 2), within(crosses_below(fast, slow), 2)
    met = {
        "LONG": count(up, above(close, average), volume, middle, above(close, bias)),
        "SHORT": count(down, below(close, average), volume, middle, below(close, bias)),
    }
    return entries(
        bars,
        {
            side: Wanted(
                [crossing, condition(met[side] >= factors, met[side])],
                away(bars, width, sign),
                away(bars, 1.5 * width, -sign),
            )
            for side, crossing, sign in (("LONG", up, 1), ("SHORT", down, -1))
        },
        cooldown=0,
    )


def opening_range_breakout(bars: Panel) -> set[Entry]:
    top, bottom = opening_range(bars.high, bars.low, bars.day, 15 // bars.minutes)
    # 09:15 to 12:00, in minutes from 09:15.
    heavy, hours = _heavy(bars), _in_session(bars, 0, 165)
    return entries(
        bars,
        {
            "LONG": Wanted(
                [crosses_above(bars.close, top), heavy, hours], away(bars, top - bottom, 1), at(bars, bottom, -1)
            ),
            "SHORT": Wanted(
                [crosses_below(bars.close, bottom), heavy, hours], away(bars, top - bottom, -1), at(bars, top, 1)
            ),
        },
        cooldown=6,
    )


def supertrend_flip(bars: Panel) -> set[Entry]:
    line, direction = supertrend(bars.high, bars.low, bars.close, 10, 3)
    return entries(
        bars,
        {
            "LONG": Wanted([crosses_above(direction, 0)], None, at(bars, line, -1), [below(direction, 0)]),
            "SHORT": Wanted([crosses_below(direction, 0)], None, at(bars, line, 1), [above(direction, 0)]),
        },
        cooldown=0,
    )


def vwap_reclaim(bars: Panel) -> set[Entry]:
    close = bars.close
    average = vwap(bars.turnover, bars.volume, bars.day)
    over, under = above(close, average), below(close, average)
    width = atr(bars.high, bars.low, close, 14)
    # 09:45 to 15:10, in minutes from 09:15.
    hours = _in_session(bars, 30, 355)
    heavy = _heavy(bars)
    return entries(
        bars,
        {
            "LONG": Wanted(
                [over, ago(throughout(under, 6), 1), heavy, hours],
                away(bars, 2 * width, 1),
                at(bars, lowest(bars.low, 6), -1),
                [under],
            ),
            "SHORT": Wanted(
                [under, ago(throughout(over, 6), 1), heavy, hours],
                away(bars, 2 * width, -1),
                at(bars, highest(bars.high, 6), 1),
                [over],
            ),
        },
        cooldown=6,
    )


def gap_and_go(bars: Panel) -> set[Entry]:
    close = bars.close
    opened = gap(bars.open, close, bars.day)
    average = vwap(bars.turnover, bars.volume, bars.day)
    top, bottom = opening_range(bars.high, bars.low, bars.day, 15 // bars.minutes)
    # 09:15 to 11:00, in minutes from 09:15.
    hours = _in_session(bars, 0, 105)
    return entries(
        bars,
        {
            "LONG": Wanted(
                [condition(opened >= 1, opened), above(close, average), crosses_above(close, top), hours],
                away(bars, 2 * (top - bottom), 1),
                at(bars, bottom, -1),
            ),
            "SHORT": Wanted(
                [condition(opened <= -1, opened), below(close, average), crosses_below(close, bottom), hours],
                away(bars, 2 * (top - bottom), -1),
                at(bars, top, 1),
            ),
        },
        cooldown=6,
    )


BULLISH = ("ENGULFING", "HAMMER", "INVERTEDHAMMER", "PIERCING", "MORNINGSTAR", "3INSIDE", "DRAGONFLYDOJI")
BEARISH = ("ENGULFING", "HANGINGMAN", "SHOOTINGSTAR", "DARKCLOUDCOVER", "EVENINGSTAR", "3INSIDE")


def candlestick(bars: Panel) -> set[Entry]:
    close = bars.close
    width = atr(bars.high, bars.low, close, 14)
    low, high = lowest(bars.low, 3), highest(bars.high, 3)
    bullish = count(*(above(_pattern(bars, name), 0) for name in BULLISH))
    bearish = count(*(below(_pattern(bars, name), 0) for name in BEARISH), above(_pattern(bars, "GRAVESTONEDOJI"), 0))
    swing_low, swing_high = lowest(bars.low, 10), highest(bars.high, 10)
    return entries(
        bars,
        {
            "LONG": Wanted(
                [condition(bullish >= 1, bullish), condition(low <= swing_low, low, swing_low)],
                away(bars, 2 * width, 1),
                at(bars, np.minimum(low, close - 0.5 * width), -1),
            ),
            "SHORT": Wanted(
                [condition(bearish >= 1, bearish), condition(high >= swing_high, high, swing_high)],
                away(bars, 2 * width, -1),
                at(bars, np.maximum(high, close + 0.5 * width), 1),
            ),
        },
        cooldown=2,
    )


def _pattern(bars: Panel, name: str) -> Floats:
    """TA-Lib's verdicts over the whole history; known from bar 15 on."""
    verdicts = np.full_like(bars.close, np.nan)
    for column in range(verdicts.shape[1]):
        prices = (np.ascontiguousarray(each[:, column]) for each in (bars.open, bars.high, bars.low, bars.close))
        verdicts[:, column] = getattr(talib, f"CDL{name}")(*prices)
    verdicts[:14] = np.nan
    return verdicts


def _heavy(bars: Panel) -> Floats:
    """Volume over one and a half times its 20-bar average."""
    return above(divided(bars.volume, mean(bars.volume, 20)), 1.5)


def _in_session(bars: Panel, first: int, last: int) -> Floats:
    inside = (bars.ends - bars.minutes >= first) & (bars.ends <= last)
    return np.broadcast_to(inside[:, np.newaxis].astype(float), bars.close.shape)


ON_PAPER: Mapping[str, Callable[..., set[Entry]]] = {
    "candlestick": candlestick,
    "confluence": confluence,
    "ema_vwap": ema_vwap,
    "eod_breakout": eod_breakout,
    "gap_and_go": gap_and_go,
    "momentum": momentum,
    "opening_range": opening_range_breakout,
    "supertrend_flip": supertrend_flip,
    "vwap_reclaim": vwap_reclaim,
}
"""By the strategy's name: what it enters on a panel, as shipped or with options."""
