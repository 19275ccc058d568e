import json
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

from market.bar import Bar
from store.deliveries import DeliveryState, Mark
from store.store import FILE_NAME, Store
from tests.transitions import MINUTE_MS, HandClock, Told, at, entry, exit_of, raised

TODAY = date(2025, 11, 17)


def bar(time: str, close: float = 100.0, *, day: date = TODAY, partial: bool = False) -> Bar:
    start_ms = at(time) - (TODAY - day).days * 86_400_000
    return Bar(start_ms, start_ms + MINUTE_MS, day, 99.0, 101.5, 98.5, close, 1200, partial=partial)


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store._path, isolation_level=None)) as connection:
        return connection.execute(query).fetchall()


def committed(write: Callable[[Callable[[], object]], None]) -> None:
    done = threading.Event()
    write(done.set)
    assert done.wait(10)


def test_bars_come_back_by_time_and_symbol_with_every_field_whenever_they_were_written(store: Store):
    bars = [
        ("NSE:M&M", bar("09:15", 100.55, partial=True)),
        ("NSE:TCS", bar("09:15")),
        ("NSE:M&M", bar("09:16")),
        ("NSE:TCS", bar("09:17")),
    ]
    store.write_bars([bars[3], bars[1]])
    store.write_bars([bars[2], bars[0]])
    store.flush(10)
    read = list(store.bars_since(at("09:15")))
    assert read == bars
    assert [(b.end_ms, b.session, b.last_ms) for _, b in read] == [(b.end_ms, b.session, b.last_ms) for _, b in bars]
    assert [symbol for symbol, _ in store.bars_since(at("09:16"))] == ["NSE:M&M", "NSE:TCS"]
    assert list(store.bars_since(at("09:18"))) == []


def test_a_bar_written_again_is_corrected_in_its_place(store: Store):
    store.write_bars([("NSE:TCS", bar("09:15")), ("NSE:TCS", bar("09:16"))])
    store.write_bars([("NSE:TCS", bar("09:15", 100.7))])
    store.flush(10)
    assert [b.close for _, b in store.bars_since(0)] == [100.7, 100.0]


def test_more_bars_than_one_piece_of_reading_come_back_whole(store: Store):
    start_ms = at("09:15")
    many = [
        (f"NSE:S{n % 100:02}", Bar(start_ms + n // 100 * MINUTE_MS, start_ms, TODAY, 1.0, 1.0, 1.0, 1.0, n))
        for n in range(40_000)
    ]
    store.write_bars(many)
    store.flush(10)
    assert [b.volume for _, b in store.bars_since(0)] == list(range(40_000))


def test_a_transition_its_machine_and_its_deliveries_are_on_the_disk_when_the_commit_is_told(store: Store):
    signal = raised(entry())
    seen: list[tuple[object, ...]] = []
    counts = "SELECT (SELECT COUNT(*) FROM outbox), (SELECT COUNT(*) FROM machine), (SELECT COUNT(*) FROM delivery)"

    def look(done: Callable[[], object]) -> None:
        seen.extend(rows(store, counts))
        done()

    committed(lambda done: store.write_transition(signal, ["phone", "mail"], lambda: look(done)))
    assert seen == [(1, 1, 2)]
    assert store.machines() == [signal.machine]
    assert json.loads(next(store.transitions()))["symbol"] == "NSE:M&M"


def test_a_transition_raised_again_changes_nothing_and_is_told_as_committed(store: Store):
    opened, left = raised(entry()), raised(exit_of(entry(), time="10:52", price=3042.65))
    committed(lambda done: store.write_transition(opened, ["phone"], done))
    committed(lambda done: store.write_transition(left, ["phone"], done))
    committed(lambda done: store.write_transition(opened, ["phone", "mail"], done))
    assert len(list(store.transitions())) == 2
    assert len(store.pending("phone", 0, 10)) == 2
    assert store.pending("mail", 0, 10) == []
    assert store.machines() == [left.machine], "the older state must not come back"


def test_a_machine_is_kept_for_each_symbol_strategy_and_version(store: Store):
    for signal in (entry(), entry("NSE:TCS"), entry(strategy="gap_and_go")):
        store.write_transition(raised(signal), [], lambda: None)
    store.flush(10)
    assert {(row.symbol, row.strategy) for row in store.machines()} == {
        ("NSE:M&M", "ema_vwap"),
        ("NSE:TCS", "ema_vwap"),
        ("NSE:M&M", "gap_and_go"),
    }


def test_a_burst_is_a_few_commits(store: Store):
    commits: list[str] = []
    store._begun._connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    with closing(sqlite3.connect(store._path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # whoever commits now has to wait, so that all 300 are there
        for n in range(300):
            store.write_transition(raised(entry(f"NSE:S{n}")), ["phone"], lambda: None)
        other.execute("ROLLBACK")
    store.flush(10)
    assert len(store.pending("phone", 0, 1000)) == 300
    assert len(commits) <= 5


def test_transitions_are_read_in_the_order_of_their_commits_however_many(store: Store):
    for n in range(4500):
        store.write_transition(raised(entry(f"NSE:S{n}")), [], lambda: None)
    store.flush(30)
    assert [json.loads(record)["symbol"] for record in store.transitions()] == [f"NSE:S{n}" for n in range(4500)]


def test_writes_of_many_threads_all_arrive_each_threads_in_order(store: Store):
    def write(writer: int) -> None:
        for n in range(100):
            store.write_transition(raised(entry(f"NSE:T{writer}X{n}")), [], lambda: None)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.flush(10)
    names = [json.loads(record)["symbol"].removeprefix("NSE:T").split("X") for record in store.transitions()]
    for writer in range(4):
        assert [int(n) for owner, n in names if owner == str(writer)] == list(range(100))


def test_a_delivery_is_open_until_it_is_done_or_dead(store: Store):
    for symbol in ("NSE:A", "NSE:B", "NSE:C"):
        store.write_transition(raised(entry(symbol)), ["phone"], lambda: None)
    store.flush(10)
    first, second, third = store.pending("phone", 0, 10)
    store.mark("phone", [Mark(first.outbox_id, DeliveryState.DONE, 1)])
    store.mark("phone", [Mark(second.outbox_id, DeliveryState.DEAD, 1, "HTTP 403")])
    store.mark("phone", [Mark(third.outbox_id, DeliveryState.UNKNOWN, 4, "no answer")])
    store.flush(10)
    (left,) = store.pending("phone", 0, 10)
    assert (left.outbox_id, left.state, left.attempts) == (third.outbox_id, DeliveryState.UNKNOWN, 4)
    assert store.delivery_counts() == {"phone": {"done": 1, "dead": 1, "unknown": 1}}
    assert store.undelivered() == {"phone": 1}
    assert store.last_error("phone") in {"HTTP 403", "no answer"}
    assert store.last_error("mail") == ""


def test_an_exit_comes_with_the_record_of_its_entry(store: Store):
    opened = entry()
    store.write_transition(raised(opened), ["phone"], lambda: None)
    store.write_transition(raised(exit_of(opened, time="10:52", price=3042.65)), ["phone"], lambda: None)
    store.flush(10)
    first, second = store.pending("phone", 0, 10)
    assert first.entry_record is None
    assert second.entry_record == first.record
    assert store.pending("phone", first.outbox_id, 10) == [second]


def test_decisions_say_what_was_sent_and_what_was_only_recorded(store: Store, clock: HandClock):
    store.write_transition(raised(entry("NSE:OLD")), ["phone"], lambda: None)
    store.flush(10)
    clock.advance(3600)
    store.write_transition(raised(entry("NSE:SENT")), ["phone"], lambda: None)
    store.write_transition(raised(entry("NSE:KEPT")), [], lambda: None)
    store.flush(10)
    decided = [(json.loads(record)["symbol"], sent) for record, sent in store.decisions(1_800_000)]
    assert decided == [("NSE:SENT", True), ("NSE:KEPT", False)]


def test_everything_is_there_after_a_restart(tmp_path: Path, clock: HandClock):
    before = Store(tmp_path, clock)
    before.start()
    before.write_bars([("NSE:TCS", bar("09:15"))])
    before.write_transition(raised(entry()), ["phone"], lambda: None)
    before.set_cooldown("dhan-1", at("11:00"))
    before.set_cooldown("dhan-1", at("12:00"))
    before.stop()
    after = Store(tmp_path, clock)
    after.start()
    assert list(after.bars_since(0)) == [("NSE:TCS", bar("09:15"))]
    assert after.machines() == [raised(entry()).machine]
    assert len(after.pending("phone", 0, 10)) == 1
    assert after.cooldowns() == {"dhan-1": at("12:00")}
    after.stop()


def test_nobody_else_can_read_the_files(tmp_path: Path, clock: HandClock):
    (tmp_path / "state").mkdir(mode=0o755)
    store = Store(tmp_path / "state", clock)
    store.start()
    store.write_transition(raised(entry()), [], lambda: None)
    store.flush(10)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "state").iterdir()}
    assert FILE_NAME + "-wal" in modes
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    store.stop()


def test_a_machine_that_cannot_be_read_is_left_out(store: Store):
    store.write_transition(raised(entry("NSE:GOOD")), [], lambda: None)
    store.write_transition(raised(entry("NSE:BAD")), [], lambda: None)
    store.flush(10)
    with closing(sqlite3.connect(store._path, isolation_level=None)) as connection:
        connection.execute("UPDATE machine SET state = '{\"sta' WHERE symbol = 'NSE:BAD'")
    assert [row.symbol for row in store.machines()] == ["NSE:GOOD"]


def test_a_callers_mistake_when_told_does_not_stop_the_store(store: Store, health: Told):
    def mistaken() -> None:
        raise RuntimeError("the caller's own fault")

    store.write_transition(raised(entry("NSE:A")), [], mistaken)
    committed(lambda done: store.write_transition(raised(entry("NSE:B")), [], done))
    assert len(list(store.transitions())) == 2
    assert health == []


def test_the_heartbeat_goes_on_with_each_commit_and_nothing_is_left_waiting(store: Store):
    before = store.heartbeat.beats
    committed(lambda done: store.write_transition(raised(entry()), [], done))
    store.flush(10)
    assert store.heartbeat.beats > before


def test_a_store_that_begins_anew_knows_nothing_of_earlier_runs(tmp_path: Path, clock: HandClock):
    before = Store(tmp_path, clock)
    before.start()
    before.write_transition(raised(entry()), ["phone"], lambda: None)
    before.write_bars([("NSE:TCS", bar("09:15"))])
    before.stop()
    after = Store(tmp_path, clock, anew=True)
    after.start()
    assert (list(after.transitions()), list(after.bars_since(0)), after.pending("phone", 0, 10)) == ([], [], [])
    after.stop()
