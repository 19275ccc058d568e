"""Bars of whole years of real trading against what others make of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pytest

from actors.line import Line
from actors.messages import AlertMessage, HealthMessage, Inspect
from actors.views import SymbolView
from market.bar import Bar
from market.sessions import DAY_MS, IST_OFFSET_MS
from replay.player import play
from replay.recording import Recording
from tests.factories import Told, ema_vwap
from tests.recordings import loaded
from tests.thin_stocks import (
    TIMEFRAMES,
    as_a_chart_has_them,
    as_the_program_makes_them,
    chart_values,
    read_days,
    trading_hours,
    values,
)

ANSWER_S = 30.0
BASIS_POINT = 1e-4


@pytest.mark.parametrize("minutes", TIMEFRAMES)
def test_thin_stocks_have_every_bar_that_a_chart_has(data: Path, minutes: int):
    hours, days = trading_hours(), 0
    for _, day, bars in read_days(data / "bars/nse_4stk_1m_20141218_20151001.csv.gz"):
        chart = as_a_chart_has_them(minutes, day, bars)
        assert values(as_the_program_makes_them(minutes, hours, day, bars)) == chart_values(chart)
        days += 1
    assert days > 700


def vwap_at_the_close(recording: Recording) -> dict[str, float]:
    """The indicator as `debug` shows it after the last bar of the one day there is."""
    alerts: Told[AlertMessage] = Told()
    health: Told[HealthMessage] = Told()
    instruments = dict(enumerate(recording.instruments))
    line = Line((ema_vwap(),), instruments, _forget, alerts, health, None)
    line.start()
    play(recording, line, lambda _: None)
    assert line.router.over.wait(ANSWER_S)
    views = [cast("SymbolView", actor.actor_ref.ask(Inspect(), timeout=ANSWER_S)) for actor in line.actors.values()]
    assert line.stop(ANSWER_S)
    return {
        view.symbol: indicator.value
        for view in views
        for indicator in view.strategies[0].indicators
        if indicator.name == "vwap"
    }


def _forget(_: Sequence[tuple[str, Bar]]) -> None:
    """The bars are the ones that were played."""


def test_our_vwap_of_a_day_is_the_exchanges_own(data: Path):
    official = pd.read_csv(data / "bars/no_licence/nse_daily_official_2016-08.csv")
    exchange = {(f"NSE:{row.Symbol}", row.Date): row.VWAP for row in official.itertuples()}
    recording = loaded(data / "bars/nse178_1m_20160816_20160826.csv.gz")
    days = (recording.rows.times_ms + IST_OFFSET_MS) // DAY_MS
    off = []
    for number in np.unique(days).tolist():
        day = date(1970, 1, 1) + timedelta(days=number)
        one = replace(recording, rows=recording.rows.take(days == number))
        ours = vwap_at_the_close(one)
        off += [
            abs(value / exchange[symbol, day.isoformat()] - 1) / BASIS_POINT
            for symbol, value in ours.items()
            if (symbol, day.isoformat()) in exchange
        ]
    median, ninetieth, worst = np.quantile(off, [0.5, 0.9, 1.0]).tolist()
    print(f"{len(off)} stock-days: {median:.2f} bp median, {ninetieth:.2f} at 90 %, {worst:.1f} worst")  # noqa: T201 - pytest -s shows it
    assert len(off) >= 370
    assert (median < 0.5, ninetieth <= 1.2, worst < 12) == (True, True, True), (median, ninetieth, worst)
