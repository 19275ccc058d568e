from pathlib import Path

from tests.recordings import BARS, TICKS, replayed, written


def test_bars_that_look_stamped_with_their_end_are_noticed(tmp_path: Path):
    rows = [f"ACC,2016-08-16 {clock},1,1,1,1,1" for clock in ("09:16", "12:00", "15:30")]
    path = written(tmp_path / "bars.csv", BARS, rows)
    assert replayed(path).advice == [
        "there are bars at the close but none at the open: if they are stamped with their end, use --stamp end"
    ]
    assert replayed(path, stamp_end=True).advice == []


def test_bars_of_a_whole_day_and_of_a_morning_need_no_advice(tmp_path: Path):
    whole = [f"ACC,2016-08-16 {clock},1,1,1,1,1" for clock in ("09:15", "15:29", "15:30")]
    morning = [f"ACC,2016-08-16 {clock},1,1,1,1,1" for clock in ("09:16", "12:00")]
    assert replayed(written(tmp_path / "whole.csv", BARS, whole)).advice == []
    assert replayed(written(tmp_path / "morning.csv", BARS, morning)).advice == []


def test_a_few_late_ticks_are_what_a_live_feed_has(tmp_path: Path):
    rows = [f"ACC,2016-08-16 09:{minute}:{second:02},100,{minute}" for minute in range(15, 20) for second in range(50)]
    rows.append("ACC,2016-08-16 09:16:00,100,20")
    outcome = replayed(written(tmp_path / "ticks.csv", TICKS, rows))
    assert outcome.survey.counts["late"] == 1
    assert outcome.advice == []


def test_days_whose_rows_all_lie_outside_trading_hours_are_named(tmp_path: Path):
    outside = (
        "lies within trading hours, so none made a candle: are their times of another zone? A day of trading that the"
        " calendar lacks goes into [[special_day]] of config.toml"
    )
    ordinary = [f"ACC,2016-08-16 {clock},1,1,1,1,1" for clock in ("09:15", "12:00")]
    saturday = [f"ACC,2016-10-01 {clock},1,1,1,1,1" for clock in ("09:15", "12:00")]
    in_utc = [f"ACC,2016-10-03 {clock},1,1,1,1,1" for clock in ("03:45", "04:00")]
    one = replayed(written(tmp_path / "one.csv", BARS, [*ordinary, *saturday]))
    assert one.advice == [f"no row of 2016-10-01 {outside}"]
    two = replayed(written(tmp_path / "two.csv", BARS, [*ordinary, *saturday, *in_utc]))
    assert two.advice == [f"no row of 2016-10-01 and 1 more {outside}"]


def test_a_stray_stamp_is_no_day(tmp_path: Path):
    rows = [
        "ACC,1970-01-01 05:30:00,100,1",
        *(f"ACC,2016-08-16 09:15:{second:02},100,{second}" for second in range(60)),
    ]
    rows += [f"ACC,2016-08-16 09:16:{second:02},100,{60 + second}" for second in range(60)]
    assert replayed(written(tmp_path / "ticks.csv", TICKS, rows)).advice == []
