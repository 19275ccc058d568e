from pathlib import Path

import pytest

from brokers.dhan.instruments import read_master
from brokers.instrument_table import InstrumentTable
from brokers.universe import Chosen, Missing, choose
from errors import InputError
from settings.schema import Universe

DATA = Path(__file__).parents[1] / "data" / "instruments"
LIST = DATA / "ind_sample_list.csv"


@pytest.fixture(scope="module")
def table() -> InstrumentTable:
    return read_master(DATA / "compact.csv")


def symbols(chosen: Chosen) -> list[str]:
    return [listing.instrument.symbol for listing in chosen.listings]


def written(path: Path, content: str) -> Universe:
    path.write_text(content, encoding="utf-8")
    return Universe(index_lists=(path,), series=())


def test_names_come_first_then_lists_then_series_and_nothing_twice(table: InstrumentTable) -> None:
    universe = Universe(names=("NSE:SBIN", "NSE:NIFTY 50", "NSE:SBIN"), index_lists=(LIST, LIST), series=("BE", "EQ"))

    assert symbols(choose(universe, table)) == [
        *("NSE:SBIN", "NSE:NIFTY 50"),
        *("NSE:360ONE", "NSE:M&M", "NSE:RELIANCE"),
        *("NSE:RELINFRA", "NSE:SUMEET-RE"),
        *("NSE:BAJAJ-AUTO", "NSE:CHOLAFIN", "NSE:INFY", "NSE:J&KBANK", "NSE:UMIYA-MRO"),
    ]


def test_an_index_named_in_two_ways_is_watched_once_under_our_symbol(table: InstrumentTable) -> None:
    assert symbols(choose(Universe(names=("NSE:BANKNIFTY", "NSE:NIFTY BANK"), series=()), table)) == ["NSE:NIFTY BANK"]


def test_series_and_lists_are_those_of_the_exchange_asked_for(table: InstrumentTable) -> None:
    assert symbols(choose(Universe(exchange="BSE", series=("A",)), table)) == ["BSE:RELIANCE"]
    assert symbols(choose(Universe(exchange="BSE", index_lists=(LIST,), series=()), table)) == ["BSE:RELIANCE"]


def test_excluded_names_are_left_out_wherever_they_came_from(table: InstrumentTable) -> None:
    universe = Universe(names=("NSE:SBIN", "NSE:INFY"), index_lists=(LIST,), series=(), exclude=("NSE:INFY", "NSE:M&M"))

    assert symbols(choose(universe, table)) == ["NSE:SBIN", "NSE:360ONE", "NSE:RELIANCE"]


def test_the_universe_is_cut_at_its_limit_and_says_by_how_much(table: InstrumentTable) -> None:
    chosen = choose(Universe(names=("NSE:SBIN",), series=("EQ",), limit=3), table)

    assert symbols(chosen) == ["NSE:SBIN", "NSE:BAJAJ-AUTO", "NSE:RELIANCE"]
    assert chosen.beyond_limit == 6


def test_unknown_names_are_told_with_where_they_stand_and_the_nearest_symbols(table: InstrumentTable) -> None:
    universe = Universe(names=("NSE:RELAINCE",), index_lists=(LIST,), series=(), exclude=("NSE:INFOSYS",))

    assert choose(universe, table).missing == (
        Missing("NSE:INFOSYS", "universe.exclude", ("NSE:INFY",)),
        Missing("NSE:RELAINCE", "universe.names", ("NSE:RELIANCE", "NSE:RELINFRA")),
        Missing("NSE:LTIM", f"{LIST}:4", ()),
    )


def test_a_list_needs_only_symbols_and_may_be_written_by_hand(tmp_path: Path, table: InstrumentTable) -> None:
    universe = written(tmp_path / "mine.csv", "\ufeff symbol \r\n infy\r\n\r\nM&M \r\n")

    assert symbols(choose(universe, table)) == ["NSE:INFY", "NSE:M&M"]


def test_the_series_column_tells_a_debenture_from_the_share(tmp_path: Path, table: InstrumentTable) -> None:
    universe = written(tmp_path / "list.csv", "Symbol,Series\nCHOLAFIN,D1\nCHOLAFIN,EQ\nRELINFRA,EQ\n")

    assert symbols(choose(universe, table)) == ["NSE:CHOLAFIN-D1", "NSE:CHOLAFIN", "NSE:RELINFRA"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", ":1: an index list needs a column Symbol"),
        ("Company,Ticker\nInfosys,INFY\n", ":1: an index list needs a column Symbol"),
        ("Symbol,Series\n", ":1: no symbol follows the header"),
        ("Symbol,Series\nINFY,EQ\nSB", ":3: 1 of 2 cells"),
        ("Symbol,Series\nINFY,EQ\n,EQ\nSBIN,EQ\n", ":3: 2 of 2 cells or no symbol"),
        ('Symbol,Series\nINFY,EQ\n"State Ba', ":3: unexpected end of data"),
    ],
)
def test_a_torn_index_list_is_refused_with_file_and_line(
    tmp_path: Path, table: InstrumentTable, content: str, reason: str
) -> None:
    universe = written(tmp_path / "list.csv", content)

    with pytest.raises(InputError) as refused:
        choose(universe, table)
    assert f"list.csv{reason}" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("absent.csv", "No such file or directory"), (".", "Is a directory"), ("latin", "not UTF-8 text")],
)
def test_an_unreadable_index_list_is_refused_in_plain_words(
    tmp_path: Path, table: InstrumentTable, name: str, reason: str
) -> None:
    (tmp_path / "latin").write_bytes(b"Symbol\nCAF\xc9\n")

    with pytest.raises(InputError, match=f"cannot read the index list: {reason}"):
        choose(Universe(index_lists=(tmp_path / name,), series=()), table)
