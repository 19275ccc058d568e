"""Real days go through the line: a whole one, one that was recorded badly, and one that others have bars of."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from market.clock import IST
from settings.schema import Settings
from tests.recordings import Replayed, ms, replayed

GRACE_MS = 1500
PRICES = ("open", "high", "low", "close")
EQUAL = {
    "NIFTY": {"open": 0.88, "high": 0.92, "low": 0.86, "close": 0.96},
    "BANKNIFTY": {"open": 0.92, "high": 0.90, "low": 0.90, "close": 0.93},
}
"""Share of the bars in which the vendor's price is the same to the paisa, as found by those who gathered the data."""


@pytest.fixture(scope="module")
def whole_day(data: Path) -> Path:
    """49 stocks on 14 May 2021, one symbol after the other."""
    return data / "ticks/nse_stocks_ticks_20210514.csv.gz"


@pytest.fixture(scope="module")
def bad_day(data: Path) -> Path:
    """15 symbols on 11 June 2021: trades of 1970, of the day after, and of the evening; repeats."""
    return data / "ticks/nse_dirty_ticks_20210611.csv.gz"


@pytest.fixture(scope="module")
def played(whole_day: Path) -> Replayed:
    return replayed(whole_day, settings=Settings(), sort=True)


def bars_of(outcome: Replayed) -> pd.DataFrame:
    rows = [row.split(",") for row in outcome.bars.splitlines()]
    table = pd.DataFrame(rows[1:], columns=rows[0])
    return table.astype(dict.fromkeys(PRICES, float) | {"volume": "int64"})


def in_session(ticks: pd.DataFrame, day: str) -> pd.DataFrame:
    """The ticks a chart of that day is made of, with the minute each belongs to."""
    stamps = ticks["timestamp"]
    kept = ticks[(stamps >= f"{day} 09:15:00") & (stamps < f"{day} 15:30:00")]
    return kept.assign(
        minute=kept["timestamp"].str[:16].str.replace(" ", "T") + ":00+05:30", symbol="NSE:" + kept["symbol"]
    )


def test_a_whole_day_runs_through_and_twice_leaves_the_same_bytes(whole_day: Path, played: Replayed):
    assert (played.survey.ticks, played.survey.symbols) == (919_565, 49)
    assert (played.failures, played.faults, played.advice) == ((), [], [])
    assert played.survey.signals["ENTRY LONG"] > 100
    assert played.survey.signals["ENTRY SHORT"] > 100
    again = replayed(whole_day, settings=Settings(), sort=True)
    assert (again.signals, again.bars) == (played.signals, played.bars)


def test_a_whole_day_shuffled_inside_the_grace_time_gives_the_same_bars(
    whole_day: Path, played: Replayed, tmp_path: Path
):
    with gzip.open(whole_day, "rt") as file:
        header, *rows = file.read().splitlines()
    times_ms = np.array([ms(stamp) for stamp in pd.Series(rows).str.split(",").str[2]])
    arrival = times_ms + np.random.default_rng(14).integers(0, GRACE_MS, len(rows))
    shuffled = [rows[row] for row in np.argsort(arrival, kind="stable").tolist()]
    path = tmp_path / "shuffled.csv"
    path.write_text("\n".join((header, *shuffled, "")))
    outcome = replayed(path, settings=Settings())
    assert outcome.bars == played.bars
    assert "late" not in outcome.survey.counts


def test_every_bar_of_a_whole_day_holds_its_minutes_trades(whole_day: Path, played: Replayed):
    by_minute = in_session(pd.read_csv(whole_day), "2021-05-14").groupby(["symbol", "minute"])["ltp"]
    bars = bars_of(played).set_index(["symbol", "timestamp"])
    assert len(bars) == by_minute.ngroups
    assert (bars["high"] == by_minute.max()[bars.index]).all()
    assert (bars["low"] == by_minute.min()[bars.index]).all()
    assert (bars["volume"] >= 0).all()


def by_arrival(path: Path, directory: Path) -> Iterator[Path]:
    """One file a symbol, each in its order of arrival."""
    for symbol, rows in pd.read_csv(path).groupby("symbol", sort=False):
        file = directory / f"{symbol}.csv"
        rows.drop(columns="symbol").to_csv(file, index=False)
        yield file


@pytest.fixture(scope="module", params=["by time", "by arrival"])
def bad_day_played(request: pytest.FixtureRequest, bad_day: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    if request.param == "by time":
        return replayed(bad_day, settings=Settings(), sort=True)
    return replayed(*by_arrival(bad_day, tmp_path_factory.mktemp("symbols")), settings=Settings())


def test_a_bad_day_gives_signals_of_its_session_only(bad_day_played: Replayed):
    assert (bad_day_played.failures, bad_day_played.faults) == ((), [])
    signals = [json.loads(line) for line in bad_day_played.signals.splitlines()]
    assert len([one for one in signals if one["type"] == "ENTRY"]) > 100
    for signal in signals:
        assert "2021-06-11T09:15:00+05:30" <= signal["bar_start"] < "2021-06-11T15:30:00+05:30"
        assert "2021-06-11T09:15:00+05:30" < signal["time"] <= "2021-06-11T15:30:00+05:30"


def test_a_bad_day_gives_bars_of_its_sessions_trades_only(bad_day: Path, bad_day_played: Replayed):
    by_minute = in_session(pd.read_csv(bad_day), "2021-06-11").groupby(["symbol", "minute"])["ltp"]
    bars = bars_of(bad_day_played).set_index(["symbol", "timestamp"])
    assert len(bars) == by_minute.ngroups
    assert (bars["high"] == by_minute.max()[bars.index]).all()
    assert (bars["low"] == by_minute.min()[bars.index]).all()


def test_bars_of_index_ticks_are_a_vendors_as_often_as_known(data: Path):
    outcome = replayed(data / "ticks/nse_indices_ticks_20210514.csv.gz", settings=Settings(), sort=True)
    bars = bars_of(outcome)
    for name, ours in (("NIFTY", "NSE:Nifty"), ("BANKNIFTY", "NSE:Nifty_Bank")):
        vendor = pd.read_csv(data / f"ticks/no_licence/{name}_1m_vendor_20210514_endstamp.csv", dtype={"date": str})
        ends = pd.to_datetime(vendor["date"] + " " + vendor["time"]).dt.tz_localize(IST)
        vendor["timestamp"] = (ends - pd.Timedelta(minutes=1)).map(lambda start: start.isoformat())
        both = bars[bars["symbol"] == ours].merge(vendor, on="timestamp", suffixes=("", "_vendor"))
        assert len(both) == 371
        shares = {price: float((both[price] == both[f"{price}_vendor"]).mean()) for price in PRICES}
        print(name, {price: f"{share:.1%}" for price, share in shares.items()})  # noqa: T201 - pytest -s shows it
        assert {price: share >= EQUAL[name][price] - 0.005 for price, share in shares.items()} == dict.fromkeys(
            PRICES, True
        )
        assert all(float((both[price] - both[f"{price}_vendor"]).median()) == 0 for price in PRICES)
