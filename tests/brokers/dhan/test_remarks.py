"""What quotes tell beside their trade: from Dhan's packets through the decoder and the router into bars."""

from collections.abc import Iterable, Sequence
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from actors.outlets import Outlets
from actors.router import Router
from actors.symbol_actor import SymbolActor
from brokers.dhan import packets
from brokers.dhan.codec import BURST, DhanDecoder
from brokers.dhan.layouts import Mode
from brokers.listing import Listing
from market.bar import Bar
from market.tick import DAY_AVERAGE, DAY_EXTREME
from simulator.dhan import DhanWire
from simulator.quotes import Quotes, quotes_of
from simulator.session import Session, in_order_of_arrival
from tests.factories import InlineWorker, Told, at, instrument, study

RECORDED = Path(__file__).parents[2] / "data" / "dhan"
KEY = 1 << 32 | 7
NAME = "NSE:TCS"
AVERAGES: dict[Mode, str] = {"quote": "54.01", "full": "53.99"}  # as the SDK printed them
CASES: list[tuple[Mode, int]] = [("quote", 1), ("full", 1), ("quote", 2 * BURST), ("full", 2 * BURST)]


def packet(
    mode: Mode, clock: str, price: float, high: float, low: float, *, volume: int = 0, average: float = 0.0
) -> bytes:
    encode = packets.encode_full if mode == "full" else packets.encode_quote
    return encode(
        segment=1, security_id=7, price=price, trade_time=packets.raw_trade_time(at(clock)), day_volume=volume,
        day_high=high, day_low=low, average_price=average,
    )  # fmt: skip


def remarks(frames: Sequence[bytes], mode: Mode, together: int, *, averages: bool = False) -> list[tuple[int, float]]:
    """Kind and price of all remarks, the first packet repeated so that one array of all is made."""
    decoder = DhanDecoder({KEY: 0.05}, mode, averages=averages)
    every = [*[frames[0]] * together, *frames[1:]]
    batches = [every] if together > 1 else [[frame] for frame in every]
    found = []
    for batch in batches:
        ticks = decoder.decode(batch, 0).ticks
        assert ticks.ticks == len(batch)
        found += [(key ^ KEY, price) for key, price in zip(ticks.keys, ticks.prices, strict=True) if key != KEY]
    return found


@pytest.mark.parametrize(("mode", "together"), CASES)
def test_a_high_or_low_that_moved_without_a_tick_is_remarked(mode: Mode, together: int) -> None:
    frames = [
        packet(mode, "10:00:01", 100.0, 101.0, 99.0),
        packet(mode, "10:00:02", 100.5, 102.35, 99.0),
        packet(mode, "10:00:03", 100.5, 102.35, 98.9),
        packet(mode, "10:00:04", 100.5, 103.0, 98.0),
    ]
    assert remarks(frames, mode, together) == [(DAY_EXTREME, price) for price in (102.35, 98.9, 103.0, 98.0)]


@pytest.mark.parametrize(("mode", "together"), CASES)
def test_a_high_that_the_tick_itself_made_needs_no_remark(mode: Mode, together: int) -> None:
    frames = [
        packet(mode, "10:00:01", 100.0, 101.0, 99.0),
        packet(mode, "10:00:02", 102.0, 102.0, 99.0),
        packet(mode, "10:00:03", 98.0, 102.0, 98.0),
    ]
    assert remarks(frames, mode, together) == []


@pytest.mark.parametrize("first", [(101.0, 99.0), (0.0, 0.0), (float("nan"), float("nan"))])
@pytest.mark.parametrize(("mode", "together"), CASES)
def test_what_a_connection_shows_first_only_says_where_the_day_stood(
    mode: Mode, together: int, first: tuple[float, float]
) -> None:
    frames = [packet(mode, "10:00:01", 100.0, *first), packet(mode, "10:00:02", 100.0, 101.0, 99.0)]
    assert remarks(frames, mode, together) == []


@pytest.mark.parametrize("other", [(90.0, 110.0), (float("inf"), -1.0), (float("nan"), 0.0)])
@pytest.mark.parametrize(("mode", "together"), CASES)
def test_values_that_a_day_cannot_have_reached_by_trading_are_no_remark(
    mode: Mode, together: int, other: tuple[float, float]
) -> None:
    frames = [packet(mode, "10:00:01", 100.0, 101.0, 99.0), packet(mode, "10:00:02", 100.0, *other)]
    assert remarks(frames, mode, together) == []


@pytest.mark.parametrize(("mode", "together"), CASES)
def test_averages_come_behind_every_tick_when_asked_for_and_only_then(mode: Mode, together: int) -> None:
    frames = [
        packet(mode, "10:00:01", 100.0, 101.0, 99.0, average=100.35),
        packet(mode, "10:00:02", 100.0, 102.0, 99.0, average=100.4),
        packet(mode, "10:00:03", 100.0, 102.0, 99.0, average=0.0),
        packet(mode, "10:00:04", 100.0, 102.0, 99.0, average=float("nan")),
    ]
    assert remarks(frames, mode, together) == [(DAY_EXTREME, 102.0)]
    assert remarks(frames, mode, together, averages=True) == [
        *[(DAY_AVERAGE, 100.35)] * together,
        (DAY_EXTREME, 102.0),
        (DAY_AVERAGE, 100.4),
    ]


@pytest.mark.parametrize("mode", ["quote", "full"])
def test_a_recorded_packet_shown_again_remarks_nothing_but_its_own_average(mode: Mode) -> None:
    frame = (RECORDED / f"rebuilt_{mode}_40472.bin").read_bytes()
    decoder = DhanDecoder({}, mode, averages=True)
    for _ in range(3):
        ticks = decoder.decode([frame], 0).ticks
        (_, average) = ticks.prices
        assert ticks.keys[1] == ticks.keys[0] | DAY_AVERAGE
        assert f"{average:.2f}" == AVERAGES[mode]


# --- into bars -----------------------------------------------------------------------------------------------------


class Desk:
    """One symbol behind a router and a decoder, as a connection feeds it."""

    def __init__(self, *, averages: bool = False) -> None:
        worker, self.bars = InlineWorker(), list[tuple[str, Bar]]()
        outlets = Outlets(Told(), Told())
        self.actor = SymbolActor.launch(worker, study(symbol=NAME), outlets)
        self.router = Router(worker, {KEY: self.actor}, outlets, self.bars.extend, None)
        self.averages = averages
        self.connect()

    def connect(self) -> None:
        self.decoder = DhanDecoder({KEY: 0.05}, "quote", averages=self.averages)

    def receive(self, *frames: bytes) -> None:
        for frame in frames:
            self.router.route(self.decoder.decode([frame], 0).ticks)

    def end(self, clock: str) -> list[Bar]:
        self.router.minute_ended(at(clock), at(clock))
        return [bar for _, bar in self.bars]


def quote(clock: str, price: float, high: float, low: float, volume: int, average: float = 0.0) -> bytes:
    return packet("quote", clock, price, high, low, volume=volume, average=average)


def test_a_conflated_feeds_bar_has_the_high_and_low_that_no_packet_showed() -> None:
    desk = Desk()
    desk.receive(
        quote("10:00:01", 100.0, 101.0, 99.0, 1000),
        quote("10:01:00", 100.5, 102.0, 98.5, 1100),
        quote("10:01:30", 100.2, 102.0, 98.5, 1200),
    )
    assert [bar.values()[1:] for bar in desk.end("10:01")] == [
        (100.0, 100.0, 100.0, 100.0, 0),
        (100.5, 102.0, 98.5, 100.2, 200),
    ]
    assert desk.actor.bars.counts == {"high_not_seen": 1, "low_not_seen": 1}
    assert desk.router.ticks == 3


def test_what_a_day_reached_during_a_hole_is_in_no_bar() -> None:
    desk = Desk()
    desk.receive(quote("10:00:01", 100.0, 101.0, 99.0, 1000))
    desk.router.interrupted([KEY])
    desk.connect()
    desk.receive(quote("10:00:31", 100.5, 102.0, 98.5, 1100), quote("10:00:32", 100.6, 102.0, 98.5, 1200))
    assert [bar.values()[1:4] for bar in desk.end("10:00")] == [(100.0, 100.6, 100.0)]


@pytest.mark.parametrize("shown_in_auction", [True, False])
def test_the_auctions_price_is_the_days_high_but_no_bars(*, shown_in_auction: bool) -> None:
    desk = Desk()
    seen = 105.0 if shown_in_auction else 0.0
    desk.receive(
        quote("09:07:59", 105.0, seen, seen, 500),
        quote("09:15:01", 101.0, 105.0, 101.0, 600),
        quote("09:15:02", 102.0, 105.0, 101.0, 700),
        quote("09:15:03", 101.5, 105.0, 100.5, 800),
    )
    assert [bar.values()[1:] for bar in desk.end("09:15")] == [(101.0, 102.0, 100.5, 101.5, 300)]


def test_a_bar_carries_the_exchanges_average_through_the_whole_line() -> None:
    desk = Desk(averages=True)
    desk.receive(
        quote("10:00:01", 100.0, 101.0, 99.0, 1000, 100.05),
        quote("10:00:31", 100.5, 101.0, 99.0, 1100, 100.1),
        quote("10:01:01", 100.5, 101.0, 99.0, 1200, 100.15),
    )
    assert [bar.atp for bar in desk.end("10:01")] == [100.1, 100.15]
    plain = Desk()
    plain.receive(quote("10:00:01", 100.0, 101.0, 99.0, 1000, 100.05))
    assert [isnan(bar.atp) for bar in plain.end("10:00")] == [True]


# --- against the local exchange's own packets ------------------------------------------------------------------------


def walk(seconds: int) -> Session:
    """One stock, four trades a second."""
    chance = np.random.default_rng(5)
    count = seconds * 4
    prices = np.round(2000 + np.cumsum(chance.integers(-2, 3, count)) * 0.05, 2)
    volumes = np.cumsum(chance.integers(1, 50, count))
    times = at("09:15") + np.arange(count) * 250
    return in_order_of_arrival((NAME,), np.zeros(count, np.int64), times, prices, volumes)


def frames_of(quotes: Quotes, rows: Iterable[int]) -> list[bytes]:
    wire = DhanWire((NAME,), [Listing(instrument(NAME), 1, 7)])
    return wire.packets(packets.ResponseCode.QUOTE, quotes.take(np.array(list(rows))))


def test_of_a_feed_that_shows_one_trade_in_eight_nearly_every_high_and_low_is_right() -> None:
    session = walk(1800)
    quotes = quotes_of(session)
    whole, conflated = Desk(), Desk()
    for frame in frames_of(quotes, range(len(session))):
        whole.receive(frame)
    for frame in frames_of(quotes, range(7, len(session), 8)):
        conflated.receive(frame)
    true, ours = whole.end("09:44"), conflated.end("09:44")
    assert len(true) == len(ours) == 30
    shown = quotes.take(np.arange(7, len(session), 8))
    for bar, exact in zip(ours, true, strict=True):
        inside = (shown.times_ms >= bar.start_ms) & (shown.times_ms < bar.end_ms)
        assert exact.high >= bar.high >= shown.price[inside].max()
        assert exact.low <= bar.low <= shown.price[inside].min()
    moved = {what: conflated.actor.bars.counts[what] for what in ("high_not_seen", "low_not_seen")}
    assert min(moved.values()) >= 3
    highest, lowest = max(bar.high for bar in true), min(bar.low for bar in true)
    assert (max(bar.high for bar in ours), min(bar.low for bar in ours)) == (highest, lowest)


def test_the_local_exchanges_average_is_turnover_by_volume_of_what_it_has_sent() -> None:
    session = walk(120)
    quotes = quotes_of(session)
    desk = Desk(averages=True)
    desk.receive(*frames_of(quotes, range(len(session))))
    traded = np.diff(session.volumes, prepend=0)
    for bar in desk.end("09:16"):
        until = session.times_ms < bar.end_ms
        expected = float((session.prices * traded)[until].sum() / traded[until].sum())
        assert bar.atp == pytest.approx(expected, abs=0.0051)
