"""Indicators and conditions by arithmetic on whole arrays: what the shipped strategies are checked against.

Written from the definitions alone, with nothing of indicators/ and rules/. A row is a bar, a column a symbol; nan is
what is not known. A condition is 1 where it holds and 0 where it does not.
"""

from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


# --- averages ------------------------------------------------------------------------------------------------------


def smoothed(source: Floats, length: int, weight: float, first: int = 0) -> Floats:
    """Begins at row `first + length - 1` with the mean so far; each row then moves it by `weight` of the way."""
    value = np.full_like(source, np.nan)
    seed = first + length - 1
    if seed >= len(source):
        return value
    value[seed] = source[first : seed + 1].mean(axis=0)
    for row in range(seed + 1, len(source)):
        value[row] = weight * source[row] + (1 - weight) * value[row - 1]
    return value


def ema(source: Floats, length: int) -> Floats:
    return smoothed(source, length, 2 / (length + 1))


def mean(source: Floats, length: int) -> Floats:
    return _rolling(source, length, np.mean)


def highest(source: Floats, length: int) -> Floats:
    return _rolling(source, length, np.max)


def lowest(source: Floats, length: int) -> Floats:
    return _rolling(source, length, np.min)


def _rolling(source: Floats, length: int, of_window: object) -> Floats:
    value = np.full_like(source, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(source, length, axis=0)
    value[length - 1 :] = of_window(windows, axis=-1)  # type: ignore[operator]
    return value


# --- ranges and trends ---------------------------------------------------------------------------------------------


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """The first bar's is high - low."""
    before = ago(close, 1)
    return np.fmax(high, before) - np.fmin(low, before)


def atr(high: Floats, low: Floats, close: Floats, length: int) -> Floats:
    return smoothed(true_range(high, low, close), length, 1 / length)


def rsi(close: Floats, length: int) -> Floats:
    change = close - ago(close, 1)
    up, down = (smoothed(np.maximum(sign * change, 0), length, 1 / length, first=1) for sign in (1, -1))
    return divided(100 * up, up + down)


def adx(high: Floats, low: Floats, close: Floats, length: int, tick: Floats) -> Floats:
    """Moves are compared in whole ticks, so that equal ones are equal."""
    up, down = high - ago(high, 1), ago(low, 1) - low
    ups, downs = np.round(up / tick), np.round(down / tick)
    plus, minus, span = (
        smoothed(each, length, 1 / length, first=1)
        for each in (
            np.where((ups > downs) & (ups > 0), up, 0.0),
            np.where((downs > ups) & (downs > 0), down, 0.0),
            true_range(high, low, close),
        )
    )
    plus, minus = divided(100 * plus, span), divided(100 * minus, span)
    both = plus + minus
    index = np.where(both == 0, 0.0, 100 * divided(np.abs(plus - minus), both))
    return smoothed(index, length, 1 / length, first=length)


def supertrend(high: Floats, low: Floats, close: Floats, length: int, factor: float) -> tuple[Floats, Floats]:
    """The line and its direction, 1 up and -1 down."""
    width = factor * atr(high, low, close, length)
    middle = (high + low) / 2
    lower, upper = middle - width, middle + width
    direction, line = np.full_like(close, np.nan), np.full_like(close, np.nan)
    for row in range(length - 1, len(close)):
        if row >= length:
            kept = close[row - 1] >= lower[row - 1]
            lower[row] = np.where(kept, np.maximum(lower[row], lower[row - 1]), lower[row])
            kept = close[row - 1] <= upper[row - 1]
            upper[row] = np.where(kept, np.minimum(upper[row], upper[row - 1]), upper[row])
            was = direction[row - 1]
            falls, rises = (was > 0) & (close[row] < lower[row]), (was < 0) & (close[row] > upper[row])
            direction[row] = np.where(falls, -1, np.where(rises, 1, was))
        else:
            direction[row] = -1
        line[row] = np.where(direction[row] > 0, lower[row], upper[row])
    return line, direction


def efficiency(close: Floats, length: int) -> Floats:
    steps = np.abs(close - ago(close, 1))
    way = np.sum([ago(steps, bars) for bars in range(length)], axis=0)
    straight = np.abs(close - ago(close, length))
    return np.where(way == 0, 0.0, divided(straight, way))


# --- days ----------------------------------------------------------------------------------------------------------


def days_of(day: Integers) -> list[slice]:
    """The rows of each day; `day` numbers the day of each row."""
    begins = [0, *(np.flatnonzero(np.diff(day)) + 1).tolist(), len(day)]
    return [slice(begin, end) for begin, end in pairwise(begins)]


def vwap(turnover: Floats, volume: Floats, day: Integers) -> Floats:
    value = np.full_like(turnover, np.nan)
    for rows in days_of(day):
        value[rows] = divided(turnover[rows].cumsum(axis=0), volume[rows].cumsum(axis=0))
    return value


def day_high(high: Floats, day: Integers) -> Floats:
    """Highest of the day so far."""
    return np.concatenate([np.maximum.accumulate(high[rows], axis=0) for rows in days_of(day)])


def opening_range(high: Floats, low: Floats, day: Integers, bars: int) -> tuple[Floats, Floats]:
    """High and low of each day's first bars, from the last of them on."""
    top, bottom = np.full_like(high, np.nan), np.full_like(low, np.nan)
    for rows in days_of(day):
        first, known = slice(rows.start, rows.start + bars), slice(rows.start + bars - 1, rows.stop)
        top[known], bottom[known] = high[first].max(axis=0), low[first].min(axis=0)
    return top, bottom


def gap(open_: Floats, close: Floats, day: Integers) -> Floats:
    """First price of the day against the last of the day before, in percent."""
    value = np.full_like(close, np.nan)
    days = days_of(day)
    for before, rows in pairwise(days):
        last = close[before.stop - 1]
        value[rows] = 100 * (open_[rows.start] - last) / last
    return value


def relative_volume(volume: Floats, day: Integers, days: int) -> Floats:
    """Against the mean of the same bar of the days before; all days have the same bars."""
    by_day = np.stack([volume[rows] for rows in days_of(day)])
    value = np.full_like(by_day, np.nan)
    for today in range(days, len(by_day)):
        value[today] = divided(by_day[today], by_day[today - days : today].mean(axis=0))
    return value.reshape(volume.shape)


# --- conditions ----------------------------------------------------------------------------------------------------


def condition(holds: NDArray[np.bool_], *read: Floats) -> Floats:
    """Known where all that it reads is."""
    return np.where(np.isnan(sum(read)), np.nan, holds)


def above(left: Floats, right: Floats | float) -> Floats:
    return condition(left > right, left - right)


def below(left: Floats, right: Floats | float) -> Floats:
    return condition(left < right, left - right)


def crosses_above(left: Floats, right: Floats | float) -> Floats:
    now = left - right
    was = ago(now, 1)
    return condition((now > 0) & (was <= 0), now, was)


def crosses_below(left: Floats, right: Floats | float) -> Floats:
    return crosses_above(-left, -np.asarray(right))


def within(holds: Floats, bars: int) -> Floats:
    """On one of the last bars; not known while none did and one of them is not known."""
    past = np.stack([ago(holds, number) for number in range(bars)])
    return np.where((past == 1).any(axis=0), 1.0, np.where(np.isnan(past).any(axis=0), np.nan, 0.0))


def throughout(holds: Floats, bars: int) -> Floats:
    """On all of the last bars; not known while none failed and one of them is not known."""
    return 1 - within(1 - holds, bars)


def count(*conditions: Floats) -> Floats:
    met: Floats = np.sum(conditions, axis=0)
    return met


def ago(source: Floats, bars: int) -> Floats:
    if not bars:
        return source
    value = np.full_like(source, np.nan)
    value[bars:] = source[:-bars]
    return value


def divided(left: Floats, right: Floats) -> Floats:
    """Not known where `right` is 0."""
    value: Floats = np.divide(left, right, out=np.full_like(left, np.nan), where=right != 0)
    return value
