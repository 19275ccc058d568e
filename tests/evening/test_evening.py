"""What is done after the close, when, and how often; with a real store and real archives."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from loguru import logger

from delivery.announcer import Announcer
from delivery.notice import Notice, from_json
from evening.command import Outcome, runner
from evening.evening import Evening
from evening.reports import kept_summary
from market.days import day_of
from market.sessions import DAY_MS
from settings.schema import PROGRAM
from store.archive import archive_path, read_day, write_day
from store.days import day_rows
from store.deliveries import DeliveryState, Mark
from store.store import FILE_NAME, Store
from tests.factories import DAY, ClockByHand, at, bars_at
from tests.transitions import entry, exit_of, raised

SUMMARY = "all 2 symbols equal; alerts: all 45 the same"
DONE = Outcome(0, json.dumps({"summary": SUMMARY}), "")
DOWN = Outcome(75, "", "the broker is down")
NO_LIBRARY = Outcome(69, "", "the archive needs pyarrow: pip install it")


class Commands:
    """Archives for real, but in this process; reconciles as it is told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.called: list[tuple[str, date]] = []
        self.reconciled: list[Outcome] = []
        """How the next ones end; then well."""
        self.archived: dict[date, Outcome] = {}
        """Days that end otherwise."""

    def __call__(self, command: str, day: date, arguments: Sequence[str]) -> Outcome:
        self.called.append((command, day))
        if command == "reconcile":
            assert arguments == ("--json",)
            return self.reconciled.pop(0) if self.reconciled else DONE
        if day in self.archived:
            return self.archived[day]
        write_day(archive_path(self.directory, day), day_rows(self.directory / FILE_NAME, day))
        return Outcome(0, "", "")


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand(at("09:00"))


@pytest.fixture
def store(tmp_path: Path, clock: ClockByHand) -> Iterator[Store]:
    store = Store(tmp_path, clock)
    store.start()
    yield store
    store.stop()


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), format="{level} {message}")
    yield lines
    logger.remove(sink)


def last_close(at_ms: int) -> int | None:
    """15:30, and nothing at the weekend."""
    day = day_of(at_ms)
    return at("15:30", day) if day.weekday() < 5 else None


def evening_of(
    clock: ClockByHand,
    store: Store,
    commands: Commands,
    close: Callable[[int], int | None] = last_close,
    keep: int = 30,
    announce: Callable[[Notice], None] = lambda _: None,
    wanted: Callable[[], Mapping[str, int]] = dict,
) -> Evening:
    made = Evening(clock, store, close, commands.directory, keep, wanted, commands, announce, threading.Event())
    clock.seconds += 3600  # it has been running for a while
    return made


def fill(store: Store, *days: date) -> None:
    for day in days:
        store.write_bars([(symbol, each) for symbol in ("NSE:A", "NSE:B") for each in bars_at([1.0, 2.0], day=day)])
    store.flush(10)


def _unheard(_: Notice) -> None:
    """Nobody listens to the closing message."""


class Phone:
    """A channel that is only written for."""

    name, announces = "phone", True

    def wake(self) -> None:
        pass


def closings(store: Store) -> list[Notice]:
    store.flush(10)
    return [from_json(row.record) for row in store.pending("phone", 0, 100) if row.is_notice]


def test_nothing_happens_before_the_close_and_a_while(clock: ClockByHand, store: Store, commands: Commands):
    fill(store, DAY)
    evening = evening_of(clock, store, commands)
    for time in ("09:30", "15:29", "15:35", "15:39:59"):
        clock.ms = at(time)
        evening.look()
    assert commands.called == []
    clock.ms = at("15:40")
    evening.look()
    assert commands.called == [("archive", DAY), ("reconcile", DAY)]


def test_it_is_done_once_a_day(clock: ClockByHand, store: Store, commands: Commands, logged: list[str]):
    fill(store, DAY)
    evening = evening_of(clock, store, commands)
    for time in ("15:41", "15:42", "20:00", "23:00"):
        clock.ms = at(time)
        evening.look()
    assert len(commands.called) == 2
    assert kept_summary(commands.directory, DAY) == SUMMARY
    assert logged == [f"INFO reconcile: {SUMMARY}\n"]
    again = evening_of(clock, store, commands)
    again.look()
    assert commands.called[2:] == [("archive", DAY)], (
        "after a restart the archive is written again, which changes nothing"
    )
    clock.ms = at("15:41") + DAY_MS
    fill(store, DAY + timedelta(days=1))
    evening.look()
    assert commands.called[3:] == [("archive", DAY + timedelta(days=1)), ("reconcile", DAY + timedelta(days=1))]


def test_bars_that_rules_want_stay_and_a_day_that_loses_nothing_is_not_archived_anew(
    clock: ClockByHand, store: Store, commands: Commands
):
    days = [DAY - timedelta(days=back) for back in (9, 8, 0)]
    fill(store, *days)
    wanted = {"NSE:A": at("09:15", days[1]), "NSE:B": at("09:15", DAY)}
    clock.ms = at("15:41")
    evening_of(clock, store, commands, keep=7, wanted=lambda: wanted).look()
    assert [(symbol, bar.session) for symbol, bar in store.bars_since(0)][::2] == [
        ("NSE:A", days[1]), ("NSE:A", DAY), ("NSE:A", DAY),
    ]  # fmt: skip
    assert [day for command, day in commands.called if command == "archive"] == days
    evening_of(clock, store, commands, keep=7, wanted=lambda: wanted).look()
    assert [day for command, day in commands.called if command == "archive"] == [*days, DAY]


def test_a_start_in_the_evening_lets_the_warm_up_go_first(clock: ClockByHand, store: Store, commands: Commands):
    fill(store, DAY)
    clock.ms = at("18:00")
    evening = Evening(clock, store, last_close, commands.directory, 30, dict, commands, _unheard, threading.Event())
    evening.look()
    clock.pass_ms(590_000)
    evening.look()
    assert commands.called == []
    clock.pass_ms(20_000)
    evening.look()
    assert commands.called == [("archive", DAY), ("reconcile", DAY)]


@pytest.mark.parametrize("time", ["23:31", "23:59"])
def test_the_next_morning_belongs_to_the_warm_up(clock: ClockByHand, store: Store, commands: Commands, time: str):
    fill(store, DAY)
    clock.ms = at(time)
    evening_of(clock, store, commands).look()
    assert commands.called == []


def test_a_close_late_at_night_is_followed_after_midnight(clock: ClockByHand, store: Store, commands: Commands):
    fill(store, DAY)
    clock.ms = at("23:55") + 10 * 60_000
    evening_of(clock, store, commands, close=lambda at_ms: at("23:55", day_of(at_ms))).look()
    assert commands.called == [("archive", DAY), ("reconcile", DAY)]


def test_a_day_without_a_session_has_no_evening(clock: ClockByHand, store: Store, commands: Commands):
    saturday = DAY + timedelta(days=5)
    fill(store, DAY)
    clock.ms = at("15:45", saturday)
    evening_of(clock, store, commands).look()
    assert commands.called == []


def test_days_that_were_never_archived_are_made_up_for(clock: ClockByHand, store: Store, commands: Commands):
    friday, thursday = DAY - timedelta(days=3), DAY - timedelta(days=4)
    fill(store, thursday, friday, DAY)
    write_day(archive_path(commands.directory, thursday), day_rows(commands.directory / FILE_NAME, thursday))
    clock.ms = at("15:41")
    evening_of(clock, store, commands).look()
    assert commands.called == [("archive", friday), ("archive", DAY), ("reconcile", DAY)]


def test_old_days_leave_the_database_once_they_are_archived(
    clock: ClockByHand, store: Store, commands: Commands, logged: list[str]
):
    old, stuck, edge = (DAY - timedelta(days=days) for days in (33, 32, 30))
    fill(store, old, stuck, edge, DAY)
    commands.archived[stuck] = Outcome(73, "", "no room")
    clock.ms = at("15:41")
    evening_of(clock, store, commands).look()
    assert store.days() == [stuck, edge, DAY]
    assert read_day(archive_path(commands.directory, old)).num_rows == 4
    assert f"ERROR archive of {stuck}: no room\n" in logged


def test_old_signals_leave_the_database(clock: ClockByHand, store: Store, commands: Commands):
    for symbol in ("NSE:A", "NSE:B"):
        store.write_transition(raised(entry(symbol)), ["phone"], lambda: None)
    store.flush(10)
    clock.ms = at("15:41", DAY + timedelta(days=28))
    evening_of(clock, store, commands, keep=7).look()
    assert len(list(store.transitions())) == 1


def test_old_reconciliations_go_too(clock: ClockByHand, store: Store, commands: Commands):
    folder = commands.directory / "reconcile"
    folder.mkdir()
    for name in ("2025-11-01.json", "2025-11-16.json", "notes.txt"):
        (folder / name).write_text("{}", "utf-8")
    fill(store, DAY)
    clock.ms = at("15:41")
    evening_of(clock, store, commands, keep=7).look()
    assert sorted(file.name for file in folder.iterdir()) == ["2025-11-16.json", "2025-11-17.json", "notes.txt"]


def test_without_its_library_it_is_said_once_and_no_candle_is_lost(
    clock: ClockByHand, store: Store, commands: Commands, logged: list[str]
):
    old = DAY - timedelta(days=40)
    fill(store, old, DAY)
    commands.archived = {old: NO_LIBRARY, DAY: NO_LIBRARY}
    evening = evening_of(clock, store, commands)
    for day in range(2):
        clock.ms = at("15:41") + day * DAY_MS
        evening.look()
    assert store.days() == [old, DAY]
    assert [line for line in logged if "pyarrow" in line] == [
        "WARNING the archive needs pyarrow: pip install it; until then candles stay in the database\n"
    ]


def test_a_broker_out_of_reach_is_asked_again_later(
    clock: ClockByHand, store: Store, commands: Commands, logged: list[str]
):
    fill(store, DAY)
    commands.reconciled = [DOWN]
    clock.ms = at("15:41")
    evening = evening_of(clock, store, commands)
    evening.look()
    clock.pass_ms(60_000)
    evening.look()
    assert [command for command, _ in commands.called] == ["archive", "reconcile"]
    clock.pass_ms(900_000)
    evening.look()
    assert [command for command, _ in commands.called] == ["archive", "reconcile"] * 2
    assert logged == ["WARNING reconcile: not done: the broker is down\n", f"INFO reconcile: {SUMMARY}\n"]


def test_a_reconciliation_that_cannot_be_is_not_tried_again(clock: ClockByHand, store: Store, commands: Commands):
    fill(store, DAY)
    commands.reconciled = [Outcome(78, "", "it has no candles")]
    clock.ms = at("15:41")
    evening = evening_of(clock, store, commands)
    evening.look()
    clock.pass_ms(3_600_000)
    evening.look()
    assert [command for command, _ in commands.called] == ["archive", "reconcile"]


def test_a_report_that_is_none_is_told_and_not_asked_for_again(clock: ClockByHand, store: Store, commands: Commands):
    fill(store, DAY)
    commands.reconciled = [Outcome(0, "half a rep", "")]
    clock.ms = at("15:41")
    told: list[Notice] = []
    evening = evening_of(clock, store, commands, announce=told.append)
    evening.look()
    clock.pass_ms(3_600_000)
    evening.look()
    assert [notice.lines[-1] for notice in told] == ["Candles: the report of the comparison cannot be read"]
    assert [command for command, _ in commands.called] == ["archive", "reconcile"]


def test_the_programs_own_commands_do_it(clock: ClockByHand, tmp_path: Path, logged: list[str]):
    config = tmp_path / "config.toml"
    config.write_text(f'[store]\ndirectory = "{tmp_path}"\n', "utf-8")
    home = tmp_path / "simulator"
    store = Store(home, clock)
    store.start()
    fill(store, DAY)
    clock.ms = at("15:41")
    stopping = threading.Event()
    evening = Evening(
        clock, store, last_close, home, 30, dict, runner(PROGRAM / "run.py", config, stopping), _unheard, stopping
    )
    clock.seconds += 3600
    evening.look()
    store.stop()
    assert read_day(archive_path(home, DAY)).num_rows == 4
    assert logged == [
        "WARNING reconcile: not done: simulator has no candles to compare with: give a file, --against FILE\n"
    ]


def test_its_thread_looks_by_itself_and_stops(
    clock: ClockByHand, store: Store, commands: Commands, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("evening.evening.LOOK_S", 0.001)
    fill(store, DAY)
    done = threading.Event()

    def run(command: str, day: date, arguments: Sequence[str]) -> Outcome:
        outcome = commands(command, day, arguments)
        if command == "reconcile":
            done.set()
        return outcome

    evening = Evening(clock, store, last_close, commands.directory, 30, dict, run, _unheard, threading.Event())
    evening.start()
    clock.ms, clock.seconds = at("15:41"), clock.seconds + 3600
    assert done.wait(30)
    evening.stop()
    assert not evening._thread.is_alive()
    assert evening.heartbeat.backlog() == 0


def test_the_closing_message_tells_the_day_once_however_often_the_evening_begins(
    clock: ClockByHand, store: Store, commands: Commands
):
    fill(store, DAY)
    clock.ms = at("10:31")
    opened, repeated = entry("NSE:A"), entry("NSE:B")
    store.write_transition(raised(opened), ["phone", "mail"], lambda: None)
    store.write_transition(raised(exit_of(opened, time="10:40", price=3042.65)), ["phone", "mail"], lambda: None)
    store.write_transition(raised(repeated), [], lambda: None)
    store.flush(10)
    sent = [row.outbox_id for row in store.pending("phone", 0, 10)]
    store.mark("phone", [Mark(number, DeliveryState.DONE, 1) for number in sent])
    store.mark("mail", [Mark(sent[0], DeliveryState.DEAD, 1)])
    clock.ms = at("15:41")
    for _ in range(2):
        evening = evening_of(clock, store, commands, announce=Announcer(store, [Phone()]).announce)
        evening.look()
        evening.look()
    (notice,) = closings(store)
    assert notice.title == "Closed 17 Nov 2025: 2 entries, 1 exit"
    assert notice.lines == (
        "Entries: 2 long; 1 recorded and not sent",
        "Exits: 1 target hit",
        "mail: 0 delivered, 1 waiting, 1 given up",
        "phone: 2 delivered",
        f"Candles: {SUMMARY}",
    )


def test_the_closing_message_does_not_wait_for_a_broker_out_of_reach_and_is_not_repeated_for_it(
    clock: ClockByHand, store: Store, commands: Commands
):
    fill(store, DAY)
    commands.reconciled = [DOWN]
    clock.ms = at("15:41")
    evening = evening_of(clock, store, commands, announce=Announcer(store, [Phone()]).announce)
    evening.look()
    clock.pass_ms(960_000)
    evening.look()
    (notice,) = closings(store)
    assert notice.title == "Closed 17 Nov 2025: 0 entries, 0 exits"
    assert notice.lines == ("Candles: not compared with the broker's: the broker is down",)


def test_a_day_that_nobody_watched_has_no_closing_message(clock: ClockByHand, store: Store, commands: Commands):
    fill(store, DAY - timedelta(days=3))
    clock.ms = at("15:41")
    evening_of(clock, store, commands, announce=Announcer(store, [Phone()]).announce).look()
    assert closings(store) == []
