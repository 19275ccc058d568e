import contextlib
import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery.alert import Alert
from delivery.destination import Destination
from delivery.local_channels import CSV_COLUMNS, CsvDestination, JsonLinesDestination, ScreenDestination
from delivery.retry import SENT, Outcome, Verdict
from signals.record import to_json, to_record
from signals.signal import Condition, Quality, Transition
from tests.transitions import entry, exit_of

FILES: list[Callable[[Path], Destination]] = [JsonLinesDestination, CsvDestination]


def alert(transition: Transition, *, repeat: bool = False) -> Alert:
    return Alert(transition, to_json(transition), repeat=repeat)


def test_signals_jsonl_has_one_record_a_line_and_is_added_to(tmp_path: Path):
    opened = entry()
    left = exit_of(opened, time="10:52", price=3042.65)
    path = tmp_path / "not yet there" / "signals.jsonl"
    assert JsonLinesDestination(path).send([alert(opened)], 0) == SENT
    assert JsonLinesDestination(path).send([alert(left)], 0) == SENT
    assert [json.loads(line) for line in path.read_text().splitlines()] == [to_record(opened), to_record(left)]


def test_signals_csv_opens_in_a_spreadsheet_with_its_column_names_once(tmp_path: Path):
    path = tmp_path / "signals.csv"
    signal = entry(conditions=(Condition('close > "ema", or so', 1.0, 2.0, ok=False),), quality=Quality(late=True))
    CsvDestination(path).send([alert(signal)], 0)
    CsvDestination(path).send([alert(entry("NSE:TCS", target=None))], 0)
    first, second = csv.DictReader(io.StringIO(path.read_text()))
    assert tuple(first) == CSV_COLUMNS
    assert (first["symbol"], first["price"], first["time"]) == ("NSE:M&M", "3012.5", "2025-11-17T10:31:00+05:30")
    assert first["conditions"] == '✗ close > "ema", or so: 1.00 vs 2.00 (-50.00%)'
    assert (first["late"], second["late"], second["target"]) == ("true", "false", "")


@pytest.mark.parametrize("destination", FILES)
def test_a_possible_repeat_that_is_in_the_file_is_not_written_again(
    tmp_path: Path, destination: Callable[[Path], Destination]
):
    path = tmp_path / "signals"
    here, missing = entry("NSE:A"), entry("NSE:B")
    destination(path).send([alert(here)], 0)
    before = path.read_text()
    assert destination(path).send([alert(here, repeat=True)], 0) == SENT
    assert path.read_text() == before
    destination(path).send([alert(here, repeat=True), alert(missing, repeat=True)], 0)
    assert path.read_text().count(missing.id) == before.count(here.id)


@pytest.mark.parametrize("destination", FILES)
def test_a_line_torn_by_a_crash_at_any_letter_is_mended(tmp_path: Path, destination: Callable[[Path], Destination]):
    whole_path = tmp_path / "whole"
    first, second = entry("NSE:A"), entry("NSE:B")
    destination(whole_path).send([alert(first), alert(second)], 0)
    whole = whole_path.read_bytes()
    for cut in (*range(60), *range(60, len(whole), 29), len(whole) - 1):
        path = tmp_path / "torn"
        path.write_bytes(whole[:cut])
        assert destination(path).send([alert(first, repeat=True), alert(second, repeat=True)], 0) == SENT
        assert path.read_bytes() == whole, cut


@pytest.mark.parametrize("destination", FILES)
def test_a_file_that_is_not_ours_is_left_alone_and_told(tmp_path: Path, destination: Callable[[Path], Destination]):
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir,\nthis is no list of signals")
    outcome = destination(path).send([alert(entry())], 0)
    assert outcome.verdict is Verdict.RETRY
    assert "not ours" in outcome.detail
    assert path.read_text() == "Dear Sir,\nthis is no list of signals"


@pytest.mark.parametrize("destination", FILES)
def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path, destination: Callable[[Path], Destination]):
    (tmp_path / "in the way").write_text("")
    outcome = destination(tmp_path / "in the way" / "signals").send([alert(entry())], 0)
    assert outcome.verdict is Verdict.RETRY
    assert str(tmp_path) in outcome.detail


def test_the_screen_shows_the_headline_and_every_reason():
    out = io.StringIO()
    opened = entry(quality=Quality(partial=True))
    left = exit_of(opened, time="10:52:07", price=3042.65)
    screen = ScreenDestination(out)
    assert screen.send([alert(opened), Alert(left, to_json(left), opened)], 0) == SENT
    assert out.getvalue().split("\n") == [
        f"🟢 LONG M&M ₹3,012.50 · ema_vwap · 10:31 IST  1m #{opened.short_id}",
        "   ⚠ partial bar: some of its trades are missing",
        "   ✓ close > ema(9): 3,012.50 vs 3,008.10 (+0.15%)",
        "   ✓ close > vwap: 3,012.50 vs 2,999.40 (+0.44%)",
        "   Entry ₹3,012.50 · Stop ₹2,997.45 · Target ₹3,042.65",
        "   Risk ₹15.05 a share · R:R 2.0",
        f"⚪ EXIT LONG M&M ₹3,042.65 · target hit · ema_vwap · 10:52:07 IST · +1.00%  1m #{left.short_id}",
        f"   Entry #{opened.short_id} ₹3,012.50 at 10:31",
        "   Result +30.15 a share (+1.00%) · +2.0R",
        "",
    ]


@pytest.mark.parametrize("name", ["[bold]x[/bold]", "[link=http://x]y[/link]", "\x1b[31mred", "a\nforged line"])
def test_no_name_is_markup_or_moves_the_cursor_on_the_screen(name: str):
    out = io.StringIO()
    ScreenDestination(out).send([alert(entry(f"NSE:{name}", strategy=name))], 0)
    assert len(out.getvalue().rstrip("\n").split("\n")) == 5
    assert "\x1b" not in out.getvalue()
    assert name.replace("\x1b", r"\x1b").replace("\n", r"\n") in out.getvalue()


def test_the_screen_is_what_the_standard_output_is_at_that_time(capsys: pytest.CaptureFixture[str]):
    screen = ScreenDestination()
    screen.send([alert(entry())], 0)
    assert capsys.readouterr().out.startswith("🟢 LONG M&M")


def test_a_screen_without_our_letters_shows_the_rest(tmp_path: Path):
    with (tmp_path / "screen").open("w", encoding="cp1252") as screen:
        assert ScreenDestination(screen).send([alert(entry())], 0) == SENT
    assert (tmp_path / "screen").read_text(encoding="cp1252").startswith("? LONG M&M ?3,012.50")


def test_a_screen_that_is_gone_is_no_crash():
    reader, writer = os.pipe()
    os.close(reader)
    screen = os.fdopen(writer, "w", encoding="utf-8")
    outcome = ScreenDestination(screen).send([alert(entry())], 0)
    assert (outcome.verdict, "Broken pipe" in outcome.detail) == (Verdict.RETRY, True)
    with contextlib.suppress(BrokenPipeError):
        screen.close()
    assert ScreenDestination(screen).send([alert(entry())], 0).verdict is Verdict.RETRY


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("destination", FILES)
def test_a_device_that_never_ends_is_a_failure_and_not_read_for_ever(destination: Callable[[Path], Destination]):
    assert destination(Path("/dev/full")).send([alert(entry())], 0).verdict is Verdict.RETRY


def test_without_a_standard_output_there_is_no_screen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdout", None)
    assert ScreenDestination().send([alert(entry())], 0) == Outcome(Verdict.RETRY, "there is no screen")
