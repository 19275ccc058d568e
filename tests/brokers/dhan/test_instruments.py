import gzip
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brokers.dhan import instruments
from brokers.dhan.instruments import LONGEST_LINE, load_master, read_master
from brokers.dhan.master_cells import price_band
from brokers.instrument_table import InstrumentTable
from brokers.listing import Listing
from errors import InputError
from market.clock import SystemClock
from market.instrument import Instrument, Kind

DATA = Path(__file__).parents[2] / "data" / "instruments"
COMPACT = DATA / "compact.csv"
DETAILED = DATA / "detailed.csv"
HEADER = COMPACT.read_text().splitlines()[0]
TCS = "NSE,E,11536,EQUITY,0,TCS,1,TCS,,,,10,NA,ES,EQ,TCS"


def table_of(path: Path, *lines: str, header: str = HEADER) -> InstrumentTable:
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return read_master(path)


def listed(table: InstrumentTable, symbol: str) -> Listing:
    listing = table.find(symbol)
    assert listing is not None, symbol
    return listing


def instrument(table: InstrumentTable, symbol: str) -> Instrument:
    return listed(table, symbol).instrument


@pytest.fixture
def master(tmp_path: Path) -> Path:
    return tmp_path / "master.csv"


@pytest.mark.parametrize("path", [COMPACT, DETAILED])
@pytest.mark.parametrize(
    ("symbol", "security_id"),
    [("NSE:M&M", 2031), ("NSE:J&KBANK", 5633), ("NSE:BAJAJ-AUTO", 16669), ("NSE:360ONE", 13061)],
)
def test_names_with_signs_and_digits_are_found_in_both_layouts(path: Path, symbol: str, security_id: int) -> None:
    listing = listed(read_master(path), symbol)

    assert (listing.segment, listing.security_id) == (1, security_id)
    assert listing.instrument.series == "EQ"


def test_fields_of_a_stock_come_from_either_layout() -> None:
    compact, detailed = (instrument(read_master(path), "NSE:M&M") for path in (COMPACT, DETAILED))

    assert (compact.kind, compact.exchange, compact.tick_size, compact.lot) == (Kind.EQUITY, "NSE", 0.1, 1)
    assert compact.title == detailed.title == "Mahindra & Mahindra"
    assert (compact.isin, detailed.isin) == ("", "INE101A01026")


def test_circuit_limits_come_from_the_detailed_layout(master: Path) -> None:
    header, *rows = DETAILED.read_text("utf-8").splitlines()
    share = next(row for row in rows if row.split(",")[6] == "M&M" and ",EQUITY," in row)
    limited = share.removesuffix(",0,0") + ",3434.7,2810.3"
    assert instrument(table_of(master, limited, header=header), "NSE:M&M").price_band == (2810.3, 3434.7)
    assert instrument(table_of(master, share, header=header), "NSE:M&M").price_band is None
    assert instrument(read_master(COMPACT), "NSE:M&M").price_band is None


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [("590.95", "886.35", (590.95, 886.35)), ("0", "0", None), ("5", "5", None), ("NA", "", None), ("1", "inf", None)],
)
def test_circuit_limits_are_read_in_rupees_and_left_out_when_absurd(
    lowest: str, highest: str, expected: tuple[float, float] | None
) -> None:
    assert price_band(lowest, highest) == expected


@pytest.mark.parametrize("path", [COMPACT, DETAILED])
def test_every_row_of_the_samples_is_used_or_left_out_on_purpose(path: Path) -> None:
    table = read_master(path)

    assert table.rejects.total == 0
    assert len({listing.key for listing in table}) == len(table)
    assert all(table.at(listing.key) is listing for listing in table)


def test_segments_of_all_exchanges_are_told_apart() -> None:
    table = read_master(COMPACT)
    symbols = ["NSE:NIFTY 50", "NSE:INFY", "NSE:NIFTY-28JUL2026-FUT", "NSE:USDINR-29JUL2026-FUT", "BSE:RELIANCE"]

    assert [listed(table, symbol).segment for symbol in symbols] == [0, 1, 2, 3, 4]
    assert listed(table, "MCX:CRUDEOIL-19OCT2026-FUT").segment == 5
    assert listed(table, "BSE:SENSEX").segment == 0
    assert listed(read_master(DETAILED), "BSE:SENSEX-30APR2026-FUT").segment == 8


def test_equal_ids_of_different_segments_are_different_listings(master: Path) -> None:
    table = table_of(master, TCS, "BSE,E,11536,EQUITY,0,OTHER,1,Other,,,,5,NA,ES,A,OTHER")

    assert table.at(1 << 32 | 11536) is table.find("NSE:TCS")
    assert table.at(4 << 32 | 11536) is table.find("BSE:OTHER")
    assert len(table) == 2


@pytest.mark.parametrize(
    ("symbol", "security_id"),
    [("NSE:NIFTY 50", 13), ("NSE:NIFTY BANK", 25), ("NSE:INDIA VIX", 21), ("NSE:NIFTY RURAL", 825)],
)
def test_indices_bear_the_names_traders_use(symbol: str, security_id: int) -> None:
    listing = listed(read_master(COMPACT), symbol)

    assert (listing.security_id, listing.instrument.kind, listing.instrument.series) == (security_id, Kind.INDEX, "")


def test_what_dhan_calls_an_index_finds_it_too() -> None:
    assert listed(read_master(COMPACT), "NSE:BANKNIFTY").instrument.symbol == "NSE:NIFTY BANK"
    assert instrument(read_master(DETAILED), "NSE:NIFTYNXT50").symbol == "NSE:NIFTY NEXT 50"


def test_an_index_moves_by_the_paisa_whatever_its_tick_column_says() -> None:
    table = read_master(COMPACT)

    assert {one.instrument.tick_size for one in table if one.instrument.kind is Kind.INDEX} == {0.01}


@pytest.mark.parametrize(
    ("cell", "rupees"),
    [
        ("5", 0.05),
        ("5.0000", 0.05),
        ("1", 0.01),
        ("10", 0.1),
        ("100", 1.0),
        ("500", 5.0),
        ("0.05", 0.05),  # below a paisa is no tick of a share: this file gives rupees
        ("", 0.01),
        ("0", 0.01),
        ("-5", 0.01),
        ("nan", 0.01),
        ("inf", 0.01),
        ("1e9", 0.01),
        ("=1+1", 0.01),
    ],
)
def test_the_tick_is_read_in_paise_and_replaced_by_a_paisa_when_absurd(master: Path, cell: str, rupees: float) -> None:
    table = table_of(master, TCS.replace(",10,", f",{cell},"))

    assert instrument(table, "NSE:TCS").tick_size == rupees


def test_a_currency_future_keeps_its_quarter_of_a_paisa() -> None:
    assert instrument(read_master(COMPACT), "NSE:USDINR-29JUL2026-FUT").tick_size == 0.0025


def test_a_share_keeps_its_name_and_the_debenture_of_that_name_gets_its_series() -> None:
    table = read_master(COMPACT)

    assert listed(table, "NSE:CHOLAFIN").security_id == 685
    assert listed(table, "NSE:CHOLAFIN-D1").security_id == 19257
    assert instrument(table, "BSE:METAL").kind is Kind.EQUITY
    assert instrument(table, "BSE:METAL-INDEX").kind is Kind.INDEX


def test_stocks_and_indices_know_whether_contracts_on_them_are_listed() -> None:
    table = read_master(COMPACT)
    marked = {one.instrument.symbol for one in table if one.instrument.has_derivatives}

    assert marked == {"NSE:NIFTY 50", "NSE:RELIANCE", "NSE:BAJAJ-AUTO"}
    assert instrument(read_master(DETAILED), "NSE:M&M").has_derivatives


def test_a_master_without_contracts_marks_nothing(master: Path) -> None:
    assert not instrument(table_of(master, TCS), "NSE:TCS").has_derivatives


def test_a_future_knows_its_underlying_and_its_last_day() -> None:
    future = instrument(read_master(COMPACT), "NSE:RELIANCE-28JUL2026-FUT")

    assert (future.kind, future.underlying, future.expiry) == (Kind.FUTURE, "NSE:RELIANCE", date(2026, 7, 28))
    assert (future.lot, future.tick_size, future.strike, future.option_type) == (500, 0.1, None, "")


def test_weekly_options_of_one_month_have_symbols_of_their_own() -> None:
    table = read_master(COMPACT, names=["NSE:NIFTY-21JUL2026-24650-CE"])
    weekly, monthly = (instrument(table, f"NSE:NIFTY-{day}JUL2026-24650-CE") for day in (21, 28))

    assert (weekly.expiry, monthly.expiry) == (date(2026, 7, 21), date(2026, 7, 28))
    assert (weekly.kind, weekly.underlying) == (Kind.OPTION, "NSE:NIFTY 50")
    assert (weekly.strike, weekly.option_type, weekly.lot) == (24650.0, "CE", 65)


def test_only_options_on_the_underlyings_asked_for_are_kept() -> None:
    table = read_master(COMPACT, names=["NSE:RELIANCE", "NSE:BAJAJ-AUTO-28JUL2026-9812.5-PE"])
    options = [one.instrument.symbol for one in table if one.instrument.kind is Kind.OPTION]

    assert options == ["NSE:BAJAJ-AUTO-28JUL2026-9812.5-PE"]
    assert instrument(table, "NSE:NIFTY 50").has_derivatives


def test_segments_without_a_feed_and_mock_securities_are_left_out_silently() -> None:
    table = read_master(COMPACT)

    assert table.find("NSE:11NSETEST") is None
    assert table.find("NSE:GOLD-05AUG2026-FUT") is None
    assert table.skipped == 5  # these two and three options nobody asked for


def test_columns_are_found_by_name_in_any_order_with_strange_ones_between(master: Path) -> None:
    header = "NEW, SEM_SERIES ,SEM_TICK_SIZE,SEM_TRADING_SYMBOL,SEM_INSTRUMENT_NAME,SEM_SMST_SECURITY_ID,SEM_SEGMENT,"
    table = table_of(master, "x,EQ,5, INFY ,EQUITY,1594,E,NSE,", header=header + "SEM_EXM_EXCH_ID,")
    infy = instrument(table, "NSE:INFY")

    assert (infy.series, infy.lot, infy.title, infy.expiry) == ("EQ", 1, "INFY", None)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_any_line_ending_are_read(master: Path, ending: str) -> None:
    master.write_bytes(b"\xef\xbb\xbf" + (HEADER + ending + TCS + ending).encode())

    assert read_master(master).find("NSE:TCS")


def test_gzip_is_recognised_by_its_content(master: Path) -> None:
    master.write_bytes(gzip.compress(COMPACT.read_bytes()))

    assert len(read_master(master)) == len(read_master(COMPACT))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("NSE,E,11537,EQUI", "4 cells instead of 16"),
        (TCS.replace(",TCS,1,TCS,", ",TCT,1,T, C and S,"), "17 cells instead of 16"),
        (TCS.replace("11536", ""), "security id '' is not"),
        (TCS.replace("11536", "4294967296"), "security id '4294967296' is not"),
        (TCS.replace("11536", "=1+1"), "security id '=1+1' is not"),
        (TCS.replace("11536", "\u0661\u0662"), "is not a number"),
        (TCS, "security id 11536 is already listed"),
        (TCS.replace("NSE", "LSE"), "unknown exchange and segment 'LSE' 'E'"),
        (TCS.replace("EQUITY", "SWAP"), "instrument 'SWAP' is no"),
        (TCS.replace("TCS", "=cmd|'/c calc'!A0"), "cannot be a symbol"),
        (TCS.replace("TCS", ""), "'' cannot be a symbol"),
        (TCS.replace("TCS", "TC\x00S"), "cannot be a symbol"),
        (TCS.replace("TCS", "T" * 41), "cannot be a symbol"),
        (TCS.replace("TCS,1,TCS", '"TCS,1,TCS'), "6 cells instead of 16"),
        (TCS + "x" * LONGEST_LINE, "longer than 4096 characters"),
        ("NSE,D,1,FUTSTK,0,TCS-Jul2026-FUT,1,x,0001-01-01,,XX,5,M,FUT,,", "expiry '0001-01-01' is not a date"),
        ("NSE,D,1,OPTSTK,0,INFY-Jul2026-9-CE,1,x,2026-07-28,-0.01,CE,5,M,OP,,", "strike '-0.01' is not a price"),
        ("NSE,D,1,OPTSTK,0,INFY-Jul2026-9-CE,1,x,2026-07-28,9,XX,5,M,OP,,", "option type 'XX' is neither"),
    ],
)
def test_a_malformed_row_is_counted_with_line_and_reason_and_the_next_one_is_read(
    master: Path, line: str, reason: str
) -> None:
    infy = "NSE,E,1594,EQUITY,0,INFY,1,Infosys,,,,10,NA,ES,EQ,INFY"
    master.write_text(f"{HEADER}\n{TCS}\n\n{line}\n{infy}", encoding="utf-8", newline="")
    table = read_master(master, names=["NSE:INFY-28JUL2026-9-CE"])

    assert [one.instrument.symbol for one in table] == ["NSE:TCS", "NSE:INFY"]
    assert table.rejects.total == 1
    assert table.rejects.first[0].startswith("line 4: ")
    assert reason in table.rejects.first[0]


def test_of_many_malformed_rows_all_are_counted_and_the_first_are_kept(master: Path) -> None:
    table = table_of(master, TCS, *["torn"] * 1000)

    assert (table.rejects.total, len(table.rejects.first)) == (1000, 5)


def test_a_title_cannot_become_a_formula_or_carry_control_characters(master: Path) -> None:
    table = table_of(master, TCS.replace("1,TCS,", "1,=HYPERLINK('x')\x1b[31m\u202e" + "y" * 200 + ","))
    title = instrument(table, "NSE:TCS").title

    assert title.startswith("HYPERLINK('x')[31myyy")
    assert len(title) <= 80


def test_a_file_without_the_needed_columns_names_them(master: Path) -> None:
    master.write_text("SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_TRADING_SYMBOL,SEM_INSTRUMENT_NAME,SEM_SERIES\n")

    with pytest.raises(InputError, match=r"master\.csv: .* no column SEM_SMST_SECURITY_ID, SEM_TICK_SIZE$"):
        read_master(master)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"<html>\xff</html>", gzip.compress(HEADER.encode())[:30]])
def test_a_file_that_is_no_master_is_an_input_error_naming_it(master: Path, content: bytes) -> None:
    master.write_bytes(content)

    with pytest.raises(InputError, match=r"master\.csv"):
        read_master(master)


def test_a_master_without_a_single_usable_row_is_refused_with_the_first_reason(master: Path) -> None:
    with pytest.raises(InputError, match="no usable row in the instrument master; line 2: 1 cells"):
        table_of(master, "torn")


def test_a_small_file_that_unpacks_to_an_endless_line_is_refused(master: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instruments, "LONGEST_FILE", 1_000_000)
    master.write_bytes(gzip.compress(HEADER.encode() + b"\n" + b"x" * 2_000_000))

    with pytest.raises(InputError, match="over 1,000,000 characters"):
        read_master(master)


def test_a_missing_file_is_an_input_error_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.csv: cannot read .*: No such file or directory"):
        load_master(str(tmp_path / "absent.csv"), tmp_path / "state", SystemClock())


def test_a_path_is_read_where_it_is_and_nothing_is_kept(tmp_path: Path) -> None:
    table = load_master(str(COMPACT), tmp_path / "state", SystemClock())

    assert table.find("NSE:M&M")
    assert not (tmp_path / "state").exists()


SIGNS = st.sampled_from(',,,,,,,,"\n\r\x00-=\ufeff')
CODES = st.sampled_from(["NSE", "BSE", "E", "D", "I", "EQUITY", "INDEX", "OPTIDX", "FUTSTK", "CE", "EQ", "M&M"])
VALUES = st.sampled_from(["1", "0.05", "NIFTY-Jul2026-1-CE", "2026-07-28 14:30:00", "=1", "1e400", "nan", "-0.01"])
LINE_PIECES = SIGNS | CODES | VALUES


def read_or_refuse(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "master.csv"
        path.write_bytes(content)
        try:
            table = read_master(path, names=["NSE:NIFTY-28JUL2026-1-CE"])
        except InputError:
            return
        assert len(table) > 0
        assert table.rejects.total >= len(table.rejects.first)


@settings(max_examples=100, deadline=None)
@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refuse(content)
    read_or_refuse(HEADER.encode() + b"\n" + content)
    read_or_refuse(gzip.compress(content))
    read_or_refuse(b"\x1f\x8b" + content)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINE_PIECES, max_size=120).map("".join), st.sampled_from([COMPACT, DETAILED]))
def test_any_mixture_of_cells_under_a_real_header_is_read_or_refused(text: str, sample: Path) -> None:
    read_or_refuse((sample.read_text().splitlines()[0] + "\n" + text).encode())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=12) | LINE_PIECES, min_size=16, max_size=16))
def test_any_cells_in_a_whole_row_are_read_or_refused(cells: list[str]) -> None:
    read_or_refuse("\n".join((HEADER, ",".join(cells), TCS)).encode(errors="surrogatepass"))
