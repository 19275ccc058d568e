import json
import threading
from collections.abc import Callable, Iterator

import pytest
from loguru import logger

from actors.health_actor import HealthActor
from actors.health_record import ChannelTotals
from actors.heartbeat import Heartbeat
from actors.messages import (
    ChannelStatus,
    FeedStatus,
    HealthTick,
    HistoryStatus,
    ReportHealth,
    SymbolFailed,
    SymbolsSurvey,
    Watch,
)
from actors.pool import Worker
from market.clock import SystemClock
from market.hours import Phase

OPEN_MS = 1_763_350_200_000  # 2025-11-17 09:00 IST


class ClockByHand:
    """Shows what the test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now_ms(self) -> int:
        return OPEN_MS + int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


class Work:
    """A heartbeat and what waits for its owner."""

    def __init__(self, name: str, waiting: int = 0) -> None:
        self.waiting = waiting
        self.heartbeat = Heartbeat(name, lambda: self.waiting)


class Patient:
    """A health actor as a plain object, with everything around it."""

    def __init__(self, *work: Work) -> None:
        self.clock = ClockByHand()
        self.stuck: list[tuple[str, ...]] = []
        self.totals: list[ChannelTotals] = []
        self.actor = HealthActor([each.heartbeat for each in work], self.clock, lambda: self.totals, self.stuck.append)

    def pass_seconds(self, seconds: int, each: Callable[[], None] = lambda: None) -> None:
        for _ in range(seconds):
            self.clock.seconds += 1
            each()
            self.actor.on_receive(HealthTick(self.clock.seconds))

    def report(self) -> dict[str, object]:
        report = self.actor.on_receive(ReportHealth())
        assert report is not None
        assert report == json.loads(json.dumps(report, allow_nan=False))
        return report


def survey(ticks: int = 0, **more: object) -> SymbolsSurvey:
    values = {
        "market_ms": OPEN_MS,
        "symbols": 2000,
        "traded": 1990,
        "stale": ("NSE:J&KBANK", "NSE:360ONE"),
        "bars": 123_456,
        "signals": {"ENTRY LONG": 9, "ENTRY SHORT": 5, "EXIT stop": 4},
        "in_signal": 3,
        "counts": {"late": 2},
    }
    return SymbolsSurvey(ticks=ticks, **(values | more))  # type: ignore[arg-type]


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), format="{level} {message}", level="DEBUG")
    yield lines
    logger.remove(sink)


def test_a_thread_that_does_not_move_while_work_waits_is_told_once(logged: list[str]) -> None:
    store, feed = Work("store", waiting=21), Work("dhan-1", waiting=5)
    patient = Patient(store, feed)
    patient.pass_seconds(10, feed.heartbeat.beat)
    assert patient.stuck == []
    patient.pass_seconds(30, feed.heartbeat.beat)
    assert patient.stuck == [("store",)]
    assert logged == ["ERROR store is stuck: work waits and it does not move\n"]
    assert patient.report()["trouble"] == ["store has not moved for 39 s with 21 waiting"]


def test_a_thread_that_has_nothing_to_do_may_rest() -> None:
    patient = Patient(Work("timer"))
    patient.pass_seconds(3600)
    assert patient.stuck == []
    assert patient.report()["status"] == "ok"


def test_a_thread_that_moves_again_is_well_again_and_can_be_stuck_again(logged: list[str]) -> None:
    work = Work("store", waiting=1)
    patient = Patient(work)
    patient.pass_seconds(12)
    work.heartbeat.beat()
    patient.pass_seconds(1)
    assert logged[-1] == "WARNING store moves again\n"
    assert patient.report()["status"] == "ok"
    patient.pass_seconds(12)
    assert patient.stuck == [("store",), ("store",)]


def test_a_thread_is_not_stuck_because_the_whole_machine_slept() -> None:
    patient = Patient(Work("symbols", waiting=1))
    patient.pass_seconds(2)
    patient.clock.seconds += 3600
    patient.pass_seconds(3)
    assert patient.stuck == []


def test_a_thread_is_not_stuck_because_health_itself_was_late() -> None:
    patient = Patient(Work("symbols", waiting=1))
    patient.pass_seconds(1)
    patient.clock.seconds += 20
    for second in range(20):  # the ticks that waited in the inbox, all looked at in one moment
        patient.actor.on_receive(HealthTick(1001.0 + second))
    assert patient.stuck == []


def test_a_late_health_actor_says_that_the_program_is_behind() -> None:
    patient = Patient()
    patient.clock.seconds += 7
    patient.actor.on_receive(HealthTick(1000.0))
    report = patient.report()
    assert report["late_s"] == 7.0
    assert report["trouble"] == ["the program is 7 s behind"]


def test_threads_that_start_later_are_watched_too() -> None:
    patient = Patient()
    patient.actor.on_receive(Watch((Work("phone", waiting=1).heartbeat,)))
    patient.pass_seconds(11)
    assert patient.stuck == [("phone",)]


def test_reconnects_are_counted_per_connection() -> None:
    patient = Patient()
    for state in ("connecting", "streaming", "waiting", "connecting", "streaming", "streaming"):
        patient.clock.seconds += 5
        patient.actor.on_receive(FeedStatus("dhan-1", state, "it says"))
    patient.actor.on_receive(FeedStatus("dhan-2", "waiting", "807 access token expired", retry_in_s=4.0))
    report = patient.report()
    assert report["feeds"] == [
        {
            "name": "dhan-1",
            "state": "streaming",
            "detail": "it says",
            "since_s": 5.0,
            "retry_in_s": None,
            "reconnects": 1,
        },
        {
            "name": "dhan-2",
            "state": "waiting",
            "detail": "807 access token expired",
            "since_s": 0.0,
            "retry_in_s": 4.0,
            "reconnects": 0,
        },
    ]
    assert report["trouble"] == ["dhan-2 waiting, tries again in 4 s: 807 access token expired"]


def test_channels_show_what_they_did_and_what_ails_them() -> None:
    patient = Patient()
    patient.totals = [ChannelTotals("screen", sent=12, pending=0, dead=0), ChannelTotals("phone", 10, 2, 1)]
    patient.actor.on_receive(ChannelStatus("phone", ok=False, detail="429, again in 34 s"))
    report = patient.report()
    assert [channel["ok"] for channel in report["channels"]] == [True, False]  # type: ignore[attr-defined]
    assert report["trouble"] == ["phone does not deliver: 429, again in 34 s", "phone gave up on 1 alert"]
    patient.actor.on_receive(ChannelStatus("phone", ok=True, detail="works again"))
    patient.totals = []
    report = patient.report()
    assert report["trouble"] == []
    assert report["channels"] == [
        {
            "name": "phone",
            "ok": True,
            "detail": "works again",
            "since_s": 0.0,
            "failures": 1,
            "sent": 0,
            "pending": 0,
            "dead": 0,
        }
    ]


def test_symbols_that_failed_are_named_and_the_many_are_counted(logged: list[str]) -> None:
    patient = Patient()
    for number in range(7):
        patient.actor.on_receive(SymbolFailed(f"NSE:S{number}", "ValueError: x"))
    patient.actor.on_receive(SymbolFailed("NSE:S0", "KeyError: y"))
    assert logged[-1] == "ERROR NSE:S0 failed and is not watched any more: KeyError: y\n"
    report = patient.report()
    assert report["trouble"] == ["7 symbols failed: NSE:S0, NSE:S1, NSE:S2, NSE:S3, NSE:S4 and 2 more"]
    assert report["failed"]["NSE:S0"] == {"error": "KeyError: y", "times": 2}  # type: ignore[index]


def test_the_report_holds_the_last_survey_and_the_pace_between_surveys() -> None:
    patient = Patient()
    assert patient.report()["symbols"] is None
    patient.actor.on_receive(survey(ticks=100))
    patient.clock.seconds += 10
    patient.actor.on_receive(survey(ticks=8_220))
    patient.clock.seconds += 10
    report = patient.report()
    assert report["ticks_per_s"] == 812.0
    assert report["last_ticks_s"] == 10.0
    assert report["market_time"] == "2025-11-17T09:00:00+05:30"
    assert report["symbols"] == {
        "symbols": 2000,
        "traded": 1990,
        "stale": ["NSE:J&KBANK", "NSE:360ONE"],
        "ticks": 8220,
        "bars": 123_456,
        "signals": {"ENTRY LONG": 9, "ENTRY SHORT": 5, "EXIT stop": 4},
        "in_signal": 3,
        "counts": {"late": 2},
        "warm": 0,
    }


def test_once_a_minute_one_line_says_how_things_are(logged: list[str]) -> None:
    patient = Patient()
    patient.totals = [ChannelTotals("screen", 12, 0, 0), ChannelTotals("phone", 12, 1, 0)]
    patient.actor.on_receive(FeedStatus("dhan-1", "streaming", "2,000 instruments"))
    patient.pass_seconds(50)
    patient.actor.on_receive(survey(ticks=48_720))
    patient.pass_seconds(9)
    assert logged == []
    patient.pass_seconds(60)
    assert "".join(logged).split(" · ") == [
        "INFO market 09:00:00",
        "dhan-1 streaming",
        "812 ticks/s",
        "1,988 of 2,000 symbols live, 2 stale",
        "1,23,456 bars",
        "14 signals (9 LONG, 5 SHORT), 3 open",
        "alerts sent: 12 screen, 12 phone (1 pending)",
        "all well\n",
    ]


CASH, STOCKS_WITH, GOLD = "NSE cash market", "NSE stocks with derivatives", "MCX non-agricultural"


def test_the_report_tells_what_each_market_does() -> None:
    patient = Patient()
    assert patient.report()["phases"] == {}
    patient.actor.on_receive(survey(phases={STOCKS_WITH: Phase.CLOSING_AUCTION, CASH: Phase.CONTINUOUS}))
    assert patient.report()["phases"] == {CASH: "continuous", STOCKS_WITH: "closing auction"}


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        ({CASH: Phase.PRE_OPEN}, "market 09:00:00 pre-open"),
        ({CASH: Phase.CONTINUOUS, GOLD: Phase.CONTINUOUS}, "market 09:00:00 continuous"),
        (
            {CASH: Phase.CONTINUOUS, STOCKS_WITH: Phase.CLOSING_AUCTION, GOLD: Phase.CONTINUOUS},
            f"market 09:00:00 continuous ({GOLD}, {CASH}), closing auction ({STOCKS_WITH})",
        ),
    ],
)
def test_the_line_tells_what_the_market_does(phases: dict[str, Phase], expected: str, logged: list[str]) -> None:
    patient = Patient()
    patient.actor.on_receive(survey(phases=phases))
    patient.pass_seconds(60)
    assert logged[0].split(" · ")[0] == f"INFO {expected}"


def test_the_line_names_the_trouble_and_sums_up_many_feeds(logged: list[str]) -> None:
    patient = Patient()
    for number in range(4):
        patient.actor.on_receive(FeedStatus(f"dhan-{number}", "streaming", ""))
    patient.actor.on_receive(FeedStatus("dhan-4", "waiting", "805 too many connections", retry_in_s=60.0))
    patient.pass_seconds(60)
    assert "".join(logged).split(" · ") == [
        "INFO no trade yet",
        "feeds: 4 streaming, 1 waiting",
        "0 ticks/s",
        "alerts sent: no channel",
        "dhan-4 waiting, tries again in 60 s: 805 too many connections\n",
    ]


def test_the_line_counts_who_is_warm_while_some_wait_for_history(logged: list[str]) -> None:
    patient = Patient()
    patient.actor.on_receive(survey(warm=1240))
    patient.actor.on_receive(HistoryStatus(760, 181.0))
    patient.pass_seconds(60)
    patient.actor.on_receive(HistoryStatus(12, 2.9))
    patient.pass_seconds(60)
    patient.actor.on_receive(HistoryStatus(0, 0.0))
    patient.pass_seconds(60)
    assert [[part for part in line.split(" · ") if "warm" in part] for line in logged] == [
        ["warm 1,240 of 2,000, about 3 min left"],
        ["warm 1,240 of 2,000, about 3 s left"],
        [],
    ]


def test_history_that_does_not_come_is_trouble() -> None:
    patient = Patient()
    assert patient.report()["history"] is None
    patient.actor.on_receive(HistoryStatus(2000, 500.0, "HTTP 401 DH-901 token expired"))
    report = patient.report()
    assert report["trouble"] == ["2,000 symbols wait for the broker's history: HTTP 401 DH-901 token expired"]
    assert report["history"] == {"left": 2000, "about_s": 500.0, "detail": "HTTP 401 DH-901 token expired"}


def test_a_hanging_worker_is_found_by_the_running_actor() -> None:
    class Hang:
        def run(self) -> None:
            released.wait(30)

    class FastClock(SystemClock):
        def monotonic(self) -> float:
            return next(seconds)

    seconds = iter(range(10_000))
    released, found = threading.Event(), threading.Event()
    worker = Worker("symbols-1")
    worker.start()
    health = HealthActor.start([worker.heartbeat], FastClock(), list, lambda _names: found.set())
    worker.put(Hang())
    worker.put(Hang())
    for second in range(20):
        health.tell(HealthTick(second))
    assert found.wait(30)
    report = health.ask(ReportHealth(), timeout=30)
    threads = report["threads"]  # type: ignore[index] # pykka's ask is typed for a future too
    assert [thread["name"] for thread in threads if thread["stuck"]] == ["symbols-1"]
    released.set()
    health.stop(timeout=30)
    assert worker.stop()
