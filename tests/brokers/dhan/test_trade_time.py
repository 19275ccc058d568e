from collections.abc import Iterator

import pytest
from loguru import logger

from brokers.dhan import packets
from brokers.dhan.codec import DhanDecoder
from brokers.dhan.trade_time import HOUR_MS, IST_SHIFT_S, TradeTimes, Verdict
from market.tick import DAY_AVERAGE, TickBatch

MORNING_MS = 1_786_000_000_000
"""A moment in the session, epoch milliseconds UTC."""
HALF_SECOND_MS = 500


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, format="{level}: {message}")
    yield lines
    logger.remove(sink)


def batch(now_ms: int, *times_ms: int, first_key: int = 1) -> TickBatch:
    count = len(times_ms)
    return TickBatch(now_ms, list(range(first_key, first_key + count)), list(times_ms), [100.0] * count, [5] * count)


def market(
    times: TradeTimes, start_ms: int = MORNING_MS, *, seconds: int = 20, symbols: int = 25, off_s: int = 0
) -> int:
    """A live market: each half second every symbol trades, `off_s` off the clock; says how many were refused."""
    refused = 0
    for now_ms in range(start_ms, start_ms + seconds * 1000, HALF_SECOND_MS):
        # the shift that the decoder took off is not the one that the wire has
        traded_ms = now_ms // 1000 * 1000 + (off_s + IST_SHIFT_S - times.shift_s) * 1000
        refused += times.admit(batch(now_ms, *[traded_ms] * symbols))
    return refused


def test_a_live_market_confirms_the_shift_in_fifteen_seconds() -> None:
    times = TradeTimes()
    market(times, seconds=15)
    assert times.verdict is Verdict.PENDING
    market(times, MORNING_MS + 15_000, seconds=1)
    assert (times.verdict, times.shift_s) == (Verdict.AGREES, IST_SHIFT_S)
    assert -10 <= times.ahead_s <= 0


def test_a_feed_that_writes_true_utc_is_found_out_and_said(logged: list[str]) -> None:
    times = TradeTimes()
    market(times, off_s=-IST_SHIFT_S)
    assert (times.verdict, times.shift_s) == (Verdict.AGREES, 0)
    assert logged[0] == "WARNING: dhan: trade times are now shifted by 0 s, not 19800 s\n"


def test_a_feed_that_goes_back_to_the_indian_clock_is_found_out_too() -> None:
    times = TradeTimes()
    market(times, off_s=-IST_SHIFT_S)
    market(times, MORNING_MS + HOUR_MS)
    assert (times.verdict, times.shift_s) == (Verdict.AGREES, IST_SHIFT_S)


def test_after_a_judgement_it_looks_again_only_later() -> None:
    times, verdicts = TradeTimes(), []
    for after_s, off_s in ((0, 0), (20, -600), (400, -600)):
        market(times, MORNING_MS + after_s * 1000, off_s=off_s)
        verdicts.append(times.verdict)
    assert verdicts == [Verdict.AGREES, Verdict.AGREES, Verdict.OFF]


@pytest.mark.parametrize("off_s", [-600, -150, 60, 3000])
def test_times_that_fit_neither_shift_are_reported_and_the_shift_stays(off_s: int, logged: list[str]) -> None:
    times = TradeTimes()
    assert market(times, seconds=40, off_s=off_s) == 0
    assert (times.verdict, times.shift_s) == (Verdict.OFF, IST_SHIFT_S)
    assert times.ahead_s == pytest.approx(off_s, abs=10)
    assert len(logged) == 1
    assert logged[0].startswith("ERROR: dhan: the trade time does not agree with the clock")


def test_a_feed_that_agrees_again_is_believed_again() -> None:
    times = TradeTimes()
    market(times, off_s=-2 * HOUR_MS // 1000)
    assert market(times, MORNING_MS + 20_000, seconds=2) == 2 * 2 * 25
    market(times, MORNING_MS + 22_000)
    assert times.verdict is Verdict.AGREES
    assert market(times, MORNING_MS + 45_000) == 0


@pytest.mark.parametrize("days", [3500, 1])
def test_an_old_session_played_against_the_wall_clock_is_refused(days: int) -> None:
    times = TradeTimes()
    market(times, off_s=-days * 86_400)
    assert times.verdict is Verdict.OFF
    assert market(times, MORNING_MS + 20_000, seconds=5, off_s=-days * 86_400) == 5 * 2 * 25


def test_a_trade_an_hour_in_the_future_is_refused_at_once_and_its_neighbours_are_not() -> None:
    ticks = batch(MORNING_MS, MORNING_MS, MORNING_MS + HOUR_MS, MORNING_MS + HOUR_MS - 1000, 2**41)
    assert TradeTimes().admit(ticks) == 2
    assert (ticks.keys, ticks.times_ms) == ([1, 3], [MORNING_MS, MORNING_MS + HOUR_MS - 1000])
    assert (ticks.prices, ticks.volumes) == ([100.0] * 2, [5] * 2)


def test_an_instrument_that_last_traded_days_ago_or_not_at_all_is_no_fault() -> None:
    ticks = batch(MORNING_MS, 0, MORNING_MS - 30 * 86_400_000, MORNING_MS)
    assert TradeTimes().admit(ticks) == 0
    assert len(ticks) == 3


def test_nothing_is_judged_by_an_empty_batch() -> None:
    times = TradeTimes()
    assert times.admit(TickBatch(MORNING_MS)) == 0
    assert times.verdict is Verdict.PENDING


def test_too_few_symbols_judge_nothing() -> None:
    times = TradeTimes()
    market(times, seconds=60, symbols=19, off_s=-600)
    assert times.verdict is Verdict.PENDING


def test_remarks_on_a_tick_do_not_make_its_symbol_two() -> None:
    times = TradeTimes()
    for now_ms in range(MORNING_MS, MORNING_MS + 60_000, HALF_SECOND_MS):
        ticks = TickBatch(now_ms)
        for key in range(10):
            ticks.add(key, now_ms - 600_000, 100.0, 5)
            ticks.remark(key | DAY_AVERAGE, now_ms - 600_000, 100.0, 5)
        assert (ticks.ticks, len(ticks)) == (10, 20)
        assert times.admit(ticks) == 0
    assert times.verdict is Verdict.PENDING


def test_refused_ticks_take_their_remarks_with_them() -> None:
    ticks = TickBatch(MORNING_MS)
    for at_ms in (MORNING_MS, MORNING_MS + 2 * HOUR_MS):
        ticks.add(1, at_ms, 100.0, 5)
        ticks.remark(1 | DAY_AVERAGE, at_ms, 99.0, 5)
    TradeTimes().admit(ticks)
    assert (ticks.times_ms, ticks.ticks, ticks.remarks) == ([MORNING_MS] * 2, 1, 1)


def test_symbols_that_seldom_trade_do_not_count_against_those_that_do() -> None:
    times = TradeTimes()
    for now_ms in range(MORNING_MS, MORNING_MS + 20_000, HALF_SECOND_MS):
        old = [MORNING_MS - number * 600_000 for number in range(500)]
        times.admit(batch(now_ms, *[now_ms] * 25, *old))
    assert times.verdict is Verdict.AGREES


def test_a_damaged_packet_does_not_decide() -> None:
    times = TradeTimes()
    for now_ms in range(MORNING_MS, MORNING_MS + 20_000, HALF_SECOND_MS):
        times.admit(batch(now_ms, *[now_ms] * 25))
        times.admit(batch(now_ms, now_ms + 10**9))
    assert times.verdict is Verdict.AGREES


@pytest.mark.parametrize("hours", [5.5, 11.0, 24.0])
def test_the_snapshot_of_a_start_at_night_judges_nothing(hours: float) -> None:
    times = TradeTimes()
    closed_ms = MORNING_MS - int(hours * HOUR_MS)
    for number in range(60):
        now_ms = MORNING_MS + number * HALF_SECOND_MS
        times.admit(batch(now_ms, *[closed_ms - key * 1000 for key in range(50)], first_key=50 * number))
    assert times.verdict is Verdict.PENDING


def test_a_night_between_two_windows_judges_nothing() -> None:
    times = TradeTimes()
    market(times, seconds=9)
    closed_ms = MORNING_MS + 10_000
    times.admit(batch(MORNING_MS + 17 * HOUR_MS, *[closed_ms] * 50))
    times.admit(batch(MORNING_MS + 17 * HOUR_MS + 8_000, *[closed_ms] * 50))
    assert times.verdict is Verdict.PENDING


def test_a_clock_that_was_set_back_only_starts_the_windows_anew() -> None:
    times = TradeTimes()
    market(times)
    market(times, MORNING_MS - HOUR_MS)
    assert times.verdict is Verdict.AGREES


def test_a_decoder_follows_the_shift_and_counts_what_was_refused() -> None:
    times = TradeTimes()
    decoder = DhanDecoder({}, trade_times=times)
    for now_ms in range(MORNING_MS, MORNING_MS + 20_000, HALF_SECOND_MS):
        frames = [
            packets.encode_quote(
                segment=1, security_id=key, price=10.0, trade_time=packets.raw_trade_time(now_ms, 0), day_volume=key
            )
            for key in range(30)
        ]
        ticks = decoder.decode(frames, now_ms).ticks
    assert set(ticks.times_ms) == {MORNING_MS + 19_000}
    assert decoder.counts["refused_time"] == 0
    future = packets.encode_ticker(segment=0, security_id=13, price=9.0, trade_time=MORNING_MS // 1000 + 9000)
    assert len(decoder.decode([future], MORNING_MS).ticks) == 0
    assert (decoder.counts["ticker"], decoder.counts["refused_time"]) == (1, 1)
    assert DhanDecoder({}, trade_times=times).decode(frames, now_ms).ticks.times_ms == ticks.times_ms
