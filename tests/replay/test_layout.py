from pathlib import Path

import pytest

from errors import InputError
from replay.layout import Contents, Layout, find_layout, parse_columns

FILE = Path("some.csv")


def layout(header: str, columns: str = "") -> Layout:
    return find_layout(FILE, header.split(","), parse_columns(columns))


def test_bars_and_ticks_are_told_apart_by_their_columns():
    assert layout("symbol,timestamp,open,high,low,close,volume") == Layout(Contents.BARS, 0, (1,), (2, 3, 4, 5), 6)
    assert layout("symbol,timestamp,price,volume") == Layout(Contents.TICKS, 0, (1,), (2,), 3)


def test_a_recorded_quote_with_the_high_and_low_of_its_day_is_a_tick():
    found = layout("symbol,timestamp,ltp,volume,open,high,low,close")
    assert (found.contents, found.prices) == (Contents.TICKS, (2,))


@pytest.mark.parametrize(
    "header",
    [
        "Code,Date,Open,High,Low,Close,Volume",
        "TICKER,DateTime,OPEN,HIGH,LOW,CLOSE,VOL",
        "scrip,time,open,high,low,close,volume",
    ],
)
def test_usual_names_of_bars_need_no_mapping(header: str):
    assert layout(header) == Layout(Contents.BARS, 0, (1,), (2, 3, 4, 5), 6)


@pytest.mark.parametrize(
    "header",
    ["symbol,timestamp,ltp,volume", "Trading Symbol,LTT,Last Price,Volume Traded", "code,date,last_price,day_volume"],
)
def test_usual_names_of_ticks_need_no_mapping(header: str):
    assert layout(header) == Layout(Contents.TICKS, 0, (1,), (2,), 3)


def test_our_own_name_wins_over_a_usual_one():
    assert layout("date,code,symbol,timestamp,price,volume").symbol == 2
    assert layout("date,code,symbol,timestamp,price,volume").timestamp == (3,)


def test_columns_may_stand_in_any_order_among_others():
    assert layout("x,volume,close,low,high,open,timestamp,symbol,y") == Layout(Contents.BARS, 7, (6,), (5, 4, 3, 2), 1)


def test_a_mapped_column_wins_over_one_with_a_usual_name():
    found = layout("symbol,id,timestamp,ltp,mid,volume", "symbol=id, price=mid")
    assert (found.symbol, found.prices) == (1, (4,))


def test_a_column_that_is_mapped_is_nothing_else():
    assert layout("Date,Open,High,Low,Close,Volume,Trade", "price=Close").contents is Contents.TICKS
    with pytest.raises(InputError, match="no column for timestamp"):
        layout("symbol,date,price,volume", "symbol=date")


def test_a_date_and_a_time_of_day_in_two_columns_are_one_timestamp():
    assert layout("id,date,time,open,high,low,close,volume", "symbol=id").timestamp == (1, 2)
    assert layout("date,time,price,volume", "timestamp=date").timestamp == (0,)


def test_without_a_symbol_column_there_is_none():
    assert layout("timestamp,price,volume").symbol is None


def test_what_is_missing_is_named_with_what_is_there():
    with pytest.raises(
        InputError, match=r"some.csv: no column for low, volume \(--columns low=NAME.*symbol, timestamp"
    ):
        layout("symbol,timestamp,open,high,close")


def test_a_file_of_something_else_is_told_both_shapes():
    with pytest.raises(InputError, match=r"neither bars .* nor ticks .*; its columns are name, age"):
        layout("name,age")


def test_a_mapping_to_a_column_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no column Code for symbol; its columns are timestamp"):
        layout("timestamp,price,volume", "symbol=Code")


@pytest.mark.parametrize("text", ["symbol", "symbol=", "sybmol=Code", "=Code"])
def test_a_mapping_that_is_none_is_refused(text: str):
    with pytest.raises(InputError, match="expected NAME=COLUMN with a NAME of symbol, timestamp, open"):
        parse_columns(text)
