"""Our indicators against the figures by which Tulip Indicators checks itself, most of them from printed books."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indicators.accumulation import Accumulation
from indicators.atr import Atr
from indicators.bollinger import Bollinger
from indicators.cci import Cci
from indicators.deviation import Deviation
from indicators.highest import Highest
from indicators.kama import Kama
from indicators.lowest import Lowest
from indicators.mfi import Mfi
from indicators.momentum import Momentum
from indicators.money_flow import MoneyFlow
from indicators.obv import Obv
from indicators.rma import Rma
from indicators.roc import Roc
from indicators.rsi import Rsi
from indicators.slope import Slope
from indicators.sma import Sma
from indicators.stochastic import Stochastic
from indicators.true_range import TrueRange
from indicators.vwma import Vwma
from indicators.williams_r import WilliamsR
from indicators.wma import Wma
from market.bar import Bar
from tests.published import Make, bars_of, computed

HLC = ("high", "low", "close")
HLCV = (*HLC, "volume")
BLOCKS: dict[str, tuple[tuple[str, ...], Make, tuple[str, ...]]] = {
    "ad": (HLCV, Accumulation, ("value",)),
    "atr 4": (HLC, lambda chart: Atr(chart, 4), ("value",)),
    "bbands 5 2": (("close",), lambda chart: Bollinger(chart.close, 5, 2.0), ("lower", "value", "upper")),
    "cci 5": (HLC, lambda chart: Cci(chart.field("hlc3"), 5), ("value",)),
    "cmf 21": (HLCV, lambda chart: MoneyFlow(chart, 21), ("value",)),
    "kama 4": (("close",), lambda chart: Kama(chart.close, 4, 2, 30), ("value",)),
    "linregslope 5": (("close",), lambda chart: Slope(chart.close, 5), ("value",)),
    "max 3": (("close",), lambda chart: Highest(chart.close, 3), ("value",)),
    "max 2": (("close",), lambda chart: Highest(chart.close, 2), ("value",)),
    "mfi 14": (HLCV, lambda chart: Mfi(chart, chart.field("hlc3"), 14), ("value",)),
    "min 3": (("close",), lambda chart: Lowest(chart.close, 3), ("value",)),
    "mom 3": (("close",), lambda chart: Momentum(chart.close, 3), ("value",)),
    "obv": (("close", "volume"), Obv, ("value",)),
    "roc 3": (("close",), lambda chart: Roc(chart.close, 3), ("value",)),
    "rsi 5": (("close",), lambda chart: Rsi(chart.close, 5), ("value",)),
    "sma 5": (("close",), lambda chart: Sma(chart.close, 5), ("value",)),
    "stddev 5": (("close",), lambda chart: Deviation(chart.close, 5), ("value",)),
    "stddev 3": (("close",), lambda chart: Deviation(chart.close, 3), ("value",)),
    "stoch 5 3 3": (HLC, lambda chart: Stochastic(chart, 5, 3, 3), ("value", "d")),
    "tr": (HLC, TrueRange, ("value",)),
    "vwma 4": (("close", "volume"), lambda chart: Vwma(chart, chart.close, 4), ("value",)),
    "wilders 5": (("close",), lambda chart: Rma(chart.close, 5), ("value",)),
    "willr 5": (HLC, lambda chart: WilliamsR(chart, 5), ("value",)),
    "wma 5": (("close",), lambda chart: Wma(chart.close, 5), ("value",)),
}
"""What each block of theirs takes, what it is with us, and which of our numbers it gives."""
PERCENT = {"roc 3": 100}
"""Theirs is a fraction."""
ROUNDED = {"ad": 2, "kama 4": 3}
"""Digits of those that were rounded on the way as well."""


def blocks(data: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Each check: its name with its parameters, and its columns of inputs and outputs."""
    for name in ("atoz.txt", "extra.txt"):
        text = (data / "indicators/tulip" / name).read_text("utf-8")
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        starts = [number for number, line in enumerate(lines) if not line.startswith("{")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            yield lines[start], [line.strip("{}").split(",") for line in lines[start + 1 : end]]


def bars(inputs: tuple[str, ...], columns: list[list[str]]) -> list[Bar]:
    given = [dict(zip(inputs, map(float, values), strict=True)) for values in zip(*columns, strict=True)]
    return bars_of(given)


@pytest.mark.parametrize("name", BLOCKS)
def test_an_indicator_is_tulips_to_the_digits_printed(data: Path, name: str):
    inputs, make, outputs = BLOCKS[name]
    found = [columns for title, columns in blocks(data) if title == name]
    assert found
    for columns in found:
        given = bars(inputs, columns[: len(inputs)])
        for output, texts in zip(outputs, columns[len(inputs) :], strict=True):
            digits = ROUNDED.get(name) or max(len(text.partition(".")[2]) for text in texts)
            theirs = [float(text) * PERCENT.get(name, 1) for text in texts]
            ours = computed(make, given, output)[-len(theirs) :]
            assert ours == pytest.approx(theirs, rel=1e-9, abs=0.51 * 10**-digits * PERCENT.get(name, 1))
