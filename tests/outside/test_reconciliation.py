"""A real day of ticks, made into bars by the line, is reconciled with bars of a vendor who knows nothing of them."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from market.clock import clock_text
from market.instrument import Instrument, Kind
from reconciliation.comparison import compare
from reconciliation.figures import Comparison
from reconciliation.pair import Pair, pair_up
from settings.schema import Settings
from tests.factories import session_table
from tests.recordings import loaded, replayed

DAY = date(2021, 5, 14)
NAMES = {"NSE:Nifty": "NSE:NIFTY", "NSE:Nifty_Bank": "NSE:BANKNIFTY"}
"""The vendor's by the recorder's."""
EQUAL = {
    "NSE:NIFTY": {"open": 0.88, "high": 0.92, "low": 0.86, "close": 0.96},
    "NSE:BANKNIFTY": {"open": 0.92, "high": 0.90, "low": 0.90, "close": 0.93},
}
"""Share of bars that are the same to the paisa, as found by those who gathered the data."""
SMALL_PERCENT = 0.05


def known(symbol: str) -> Instrument | None:
    name = NAMES.get(symbol, symbol)
    return Instrument(name, "NSE", Kind.INDEX) if name in NAMES.values() else None


@pytest.fixture(scope="module")
def pair(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    outcome = replayed(data / "ticks/nse_indices_ticks_20210514.csv.gz", settings=Settings(), sort=True)
    folder = tmp_path_factory.mktemp("vendor")
    files = []
    for name in ("NIFTY", "BANKNIFTY"):
        files.append(folder / f"{name}.csv")
        shutil.copy(data / f"ticks/no_licence/{name}_1m_vendor_20210514_endstamp.csv", files[-1])
    faults: list[str] = []
    ours = folder / "ours.csv"
    ours.write_text(outcome.bars, "utf-8")
    theirs = loaded(*files, stamp_end=True, faults=faults)
    assert faults == []
    return pair_up(DAY, loaded(ours), theirs, known, session_table())


def of_one(pair: Pair, name: str) -> Comparison:
    place = next(place for place, each in enumerate(pair.instruments) if each.symbol == name)
    ours, theirs = pair.ours, pair.theirs
    alone = replace(
        pair,
        instruments=(pair.instruments[place],),
        ours=replace(ours.take(ours.symbol == place), symbol=ours.symbol[ours.symbol == place] * 0),
        theirs=replace(theirs.take(theirs.symbol == place), symbol=theirs.symbol[theirs.symbol == place] * 0),
    )
    return compare(alone)


@pytest.mark.parametrize("name", sorted(EQUAL))
def test_each_field_is_equal_as_often_as_known(pair: Pair, name: str):
    found = of_one(pair, name)
    assert found.bars == 371
    shares = {figures.field: figures.equal / figures.compared for figures in found.fields}
    for figures in found.fields:
        print(name, figures)  # noqa: T201 - pytest -s shows it
    assert all(shares[field] >= share - 0.005 for field, share in EQUAL[name].items()), shares
    assert shares["volume"] == 1.0  # an index has none


def test_what_differs_is_small_but_for_the_first_minute_in_which_the_recorder_was_started(pair: Pair):
    found = compare(pair)
    assert found.missing_theirs == ()
    assert [(gap.symbol, clock_text(gap.first_ms), gap.bars) for gap in found.missing_ours] == [
        ("NSE:BANKNIFTY", "10:43:00", 4),  # the recorder's own hole
        ("NSE:NIFTY", "10:43:00", 4),
    ]
    later = replace(pair, ours=pair.ours.take(pair.ours.times_ms > pair.ours.times_ms.min()))
    for figures in compare(later).fields[:4]:
        assert figures.worst is not None
        assert figures.worst.percent is not None
        assert figures.median_percent is not None
        assert figures.median_percent < SMALL_PERCENT / 5
        assert abs(figures.worst.percent) < SMALL_PERCENT
