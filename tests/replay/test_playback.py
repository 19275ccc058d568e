"""What comes out when a recording goes through the whole line."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import numpy as np
import pytest

from market.clock import iso
from market.instrument import Instrument, Kind
from replay.symbols import nothing_known
from settings.schema import PROGRAM, Settings, SpecialDay
from simulator.session_file import load_session
from tests.factories import ema_vwap
from tests.recordings import BARS, QUICK, TICKS, Replayed, ms, replayed, written

SYMBOLS = ("ACC", "BAJAJ-AUTO", "M&M", "M&MFIN", "PAGEIND", "TCS")
GRACE_MS = 1500


def rising(day: str, *, first: str = "09:15", minutes: int = 375, start: float = 100.0) -> Iterator[str]:
    """Bars that fall for three minutes and then only rise, by 5 paise each, so that no rule and no stop ends a long."""
    first_ms = ms(f"{day}T{first}")
    for minute in range(minutes):
        low = start - 0.05 * minute if minute < 3 else start + 0.05 * minute
        yield f"ACC,{iso(first_ms + minute * 60_000)},{low},{low + 0.05:.2f},{low},{low + 0.05:.2f},100"


def signals(outcome: Replayed) -> list[dict[str, object]]:
    return [json.loads(line) for line in outcome.signals.splitlines()]


def told(outcome: Replayed) -> list[tuple[object, ...]]:
    return [(one["type"], one["reason"], one["direction"], str(one["time"])[:16]) for one in signals(outcome)]


def no_target() -> Settings:
    """Nothing ends a signal but a rule, and the market."""
    strategy = ema_vwap(2, 3, 3, target="", stop="")
    return Settings(strategy=(strategy,))


def test_bars_come_out_as_they_went_in(tmp_path: Path):
    rows = [
        "NSE:ACC,2016-08-16T09:15:00+05:30,100.0,102.0,99.05,101.0,500",
        "NSE:M&M,2016-08-16T09:15:00+05:30,50.0,50.0,50.0,50.0,0",
        "NSE:ACC,2016-08-16T15:29:00+05:30,101.0,101.0,101.0,101.0,1",
        "NSE:ACC,2016-08-17T09:15:00+05:30,101.0,101.0,101.0,101.0,7",
    ]
    outcome = replayed(written(tmp_path / "bars.csv", BARS, rows))
    assert outcome.bars.splitlines() == [BARS, *rows]
    assert (outcome.survey.bars, outcome.faults, outcome.failures) == (4, [], ())


def test_what_came_out_can_go_in_again(tmp_path: Path):
    first = replayed(written(tmp_path / "bars.csv", BARS, rising("2016-08-16")))
    (tmp_path / "again.csv").write_text(first.bars)
    again = replayed(tmp_path / "again.csv")
    assert (again.bars, again.signals) == (first.bars, first.signals)


def test_a_signal_ends_with_the_market(tmp_path: Path):
    outcome = replayed(written(tmp_path / "bars.csv", BARS, rising("2016-08-16")), settings=no_target())
    assert told(outcome) == [
        ("ENTRY", "rule", "LONG", "2016-08-16T09:19"),
        ("EXIT", "market_end", "LONG", "2016-08-16T15:30"),
    ]


def test_the_market_ends_although_nothing_trades_in_its_last_minutes(tmp_path: Path):
    rows = [*rising("2016-08-16", minutes=60), *rising("2016-08-17", minutes=5, start=200)]
    outcome = replayed(written(tmp_path / "bars.csv", BARS, rows), settings=no_target())
    assert told(outcome)[:2] == [
        ("ENTRY", "rule", "LONG", "2016-08-16T09:19"),
        ("EXIT", "market_end", "LONG", "2016-08-16T15:30"),
    ]


@pytest.mark.parametrize("minutes", [345, 370, 374])
def test_a_session_without_a_trade_in_its_last_minutes_ends_at_its_close_all_the_same(tmp_path: Path, minutes: int):
    path = written(tmp_path / "bars.csv", BARS, rising("2016-08-16", minutes=minutes))
    outcome = replayed(path, settings=no_target())
    assert told(outcome) == [
        ("ENTRY", "rule", "LONG", "2016-08-16T09:19"),
        ("EXIT", "market_end", "LONG", "2016-08-16T15:30"),
    ]
    assert outcome.survey.bars == minutes


def test_ticks_that_end_before_the_close_end_their_signals_at_it(tmp_path: Path):
    bars = (row.split(",") for row in rising("2016-08-16", minutes=370))
    rows = [f"{name},{start},{close},{100 * number}" for number, (name, start, *_, close, _) in enumerate(bars, 1)]
    outcome = replayed(written(tmp_path / "ticks.csv", TICKS, rows), settings=no_target())
    assert told(outcome)[-1] == ("EXIT", "market_end", "LONG", "2016-08-16T15:30")
    assert outcome.survey.in_signal == 0


def test_data_that_are_cut_in_the_middle_of_a_session_end_no_signal(tmp_path: Path):
    outcome = replayed(written(tmp_path / "bars.csv", BARS, rising("2016-08-16", minutes=60)), settings=no_target())
    assert [kind for kind, *_ in told(outcome)] == ["ENTRY"]
    assert outcome.survey.in_signal == 1


def test_higher_timeframes_close_by_the_clock(tmp_path: Path):
    strategy = ema_vwap(2, 3, 3, timeframe="5m", trigger="level")
    rows = [row for minute, row in enumerate(rising("2016-08-16", minutes=60)) if minute % 5 != 4]
    outcome = replayed(written(tmp_path / "bars.csv", BARS, rows), settings=Settings(strategy=(strategy,)))
    first = signals(outcome)[0]
    assert (first["timeframe"], first["bar_start"], first["time"]) == (
        "5m",
        "2016-08-16T09:25:00+05:30",
        "2016-08-16T09:30:00+05:30",
    )


def test_bars_outside_the_session_are_counted_and_make_nothing(tmp_path: Path):
    rows = [f"ACC,{moment},1,1,1,1,1" for moment in ("2016-08-16 08:00", "2016-08-16 15:30", "2016-08-20 10:00")]
    outcome = replayed(written(tmp_path / "bars.csv", BARS, rows))
    assert outcome.bars == f"{BARS}\n"
    assert outcome.survey.counts == {"outside_session": 3}


def test_a_stock_with_derivatives_closes_as_the_exchange_has_it_since_its_closing_auction(tmp_path: Path):
    listed = {"NSE:ACC": Instrument("NSE:ACC", "NSE", Kind.EQUITY, has_derivatives=True)}
    path = written(tmp_path / "bars.csv", BARS, rising("2026-08-04"))
    last = [told(replayed(path, settings=no_target(), known=known))[-1] for known in (listed.get, nothing_known)]
    assert last == [
        ("EXIT", "market_end", "LONG", "2026-08-04T15:15"),
        ("EXIT", "market_end", "LONG", "2026-08-04T15:30"),
    ]


def test_two_strategies_on_the_same_bars_each_have_their_signals(tmp_path: Path):
    both = tuple(ema_vwap(2, 3, 3, version=v) for v in ("1", "2"))
    outcome = replayed(written(tmp_path / "bars.csv", BARS, rising("2016-08-16")), settings=Settings(strategy=both))
    assert outcome.survey.signals["ENTRY LONG"] == 2


@dataclass(frozen=True)
class Market:
    """A real day of six stocks as ticks."""

    bars: Path
    ticks: Path
    rows: list[str]
    times_ms: list[int]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    directory = tmp_path_factory.mktemp("market")
    with gzip.open(PROGRAM / "simulator/data/nse166_1m_20160930.csv.gz", "rt") as file:
        rows = [",".join(row) for row in csv.reader(file) if row[0] in SYMBOLS and row[6] != "0"]
    bars = written(directory / "bars.csv", BARS, rows)
    session = load_session(bars)
    ticks = [
        f"{session.symbols[symbol]},{iso(at_ms)},{price},{volume}"
        for symbol, at_ms, price, volume in zip(
            session.symbol.tolist(),
            session.times_ms.tolist(),
            session.prices.tolist(),
            session.volumes.tolist(),
            strict=True,
        )
    ]
    return Market(bars, written(directory / "ticks.csv", TICKS, ticks), ticks, session.times_ms.tolist())


@pytest.fixture(scope="module")
def clean(market: Market) -> Replayed:
    return replayed(market.ticks)


def without_first_volumes(bars: str) -> list[str]:
    """A tick tells the day's volume so far, so nothing tells what the first one of all traded."""
    return [row.rpartition(",")[0] if "T09:15:00" in row else row for row in bars.splitlines()]


def test_ticks_made_of_bars_give_those_bars(market: Market, clean: Replayed):
    assert without_first_volumes(clean.bars) == without_first_volumes(replayed(market.bars).bars)
    assert len(clean.bars.splitlines()) > 6 * 300
    assert clean.survey.signals["ENTRY LONG"] > 10


def test_any_order_of_arrival_inside_the_grace_time_gives_the_same_bars(
    market: Market, clean: Replayed, tmp_path: Path
):
    arrival = np.array(market.times_ms) + np.random.default_rng(20160930).integers(0, GRACE_MS, len(market.rows))
    shuffled = [market.rows[row] for row in np.argsort(arrival, kind="stable").tolist()]
    assert shuffled != market.rows
    assert replayed(written(tmp_path / "shuffled.csv", TICKS, shuffled)).bars == clean.bars


def test_a_file_grouped_by_symbol_gives_the_same_when_it_is_sorted(market: Market, clean: Replayed, tmp_path: Path):
    grouped = written(tmp_path / "grouped.csv", TICKS, sorted(market.rows, key=lambda row: row.partition(",")[0]))
    by_time = replayed(grouped, sort=True)
    assert (by_time.bars, by_time.signals, by_time.advice) == (clean.bars, clean.signals, [])


def test_a_file_grouped_by_symbol_is_recognised_when_it_is_not_sorted(market: Market, tmp_path: Path):
    grouped = written(tmp_path / "grouped.csv", TICKS, sorted(market.rows, key=lambda row: row.partition(",")[0]))
    (sentence,) = replayed(grouped).advice
    assert sentence.endswith("looks grouped by symbol rather than in order of arrival; --sort plays it by time")


def test_one_file_a_symbol_gives_the_same_as_one_file_of_all(market: Market, clean: Replayed, tmp_path: Path):
    header = TICKS.removeprefix("symbol,")
    files = []
    for symbol in SYMBOLS:
        own = [row.partition(",")[2] for row in market.rows if row.startswith(f"NSE:{symbol},")]
        files.append(written(tmp_path / f"{symbol}.csv", header, own))
    apart = replayed(*files)
    assert (apart.bars, apart.signals) == (clean.bars, clean.signals)


def spoilt(market: Market) -> Iterator[str]:
    """The same ticks on a bad day: what a broken recorder puts between and behind them."""
    for number, row in enumerate(market.rows):
        symbol, stamp, price, volume = row.split(",")
        yield row
        if number % 7 == 0:
            yield row
        if number % 50 == 10:
            yield f"{symbol},1970-01-01 05:30:00,{float(price) * 2},{volume}"
        if number % 501 == 20:
            yield f"{symbol},2016-10-03 11:00:00,{float(price) * 3},{volume}"
        if number % 90 == 30:
            yield f"{symbol},{stamp},{price},{int(volume) * 9 // 10}"
    for clock in ("15:30:00", "15:45:10", "18:00:00"):
        yield from (f"NSE:{symbol},2016-09-30 {clock},1.05,99999999" for symbol in SYMBOLS)
    for second in range(50):
        yield from (f"NSE:{symbol},2016-10-01 10:00:{second:02},1.05,0" for symbol in SYMBOLS)


def test_a_bad_day_gives_no_other_bar_and_no_other_signal(market: Market, clean: Replayed, tmp_path: Path):
    outcome = replayed(written(tmp_path / "dirty.csv", TICKS, spoilt(market)))
    assert outcome.failures == ()
    assert without_first_volumes(outcome.bars) == without_first_volumes(clean.bars)
    assert told(outcome) == told(clean)


def test_the_settings_decide_what_is_a_signal(market: Market):
    only_long = ema_vwap(2, 3, 3, directions=("LONG",))
    outcome = replayed(market.bars, settings=Settings(strategy=(only_long,)))
    assert {one["direction"] for one in signals(outcome)} == {"LONG"}
    assert QUICK.strategy[0].directions == ("LONG", "SHORT")


def test_a_day_the_user_added_is_traded_in_its_own_hours_and_ends_with_them(tmp_path: Path):
    saturday = SpecialDay(date=date(2016, 8, 20), exchanges=("NSE",), name="drill", open=time(10), close=time(11))
    file = written(tmp_path / "bars.csv", BARS, rising("2016-08-20", first="10:00", minutes=80))
    settings = no_target()
    assert replayed(file, settings=settings).survey.bars == 0
    outcome = replayed(file, settings=settings.model_copy(update={"special_day": (saturday,)}))
    assert outcome.survey.bars == 60
    assert told(outcome)[-1] == ("EXIT", "market_end", "LONG", "2016-08-20T11:00")
