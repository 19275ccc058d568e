"""Dhan's own client on the local exchange: it must read what our codec reads."""

import asyncio
import threading
from collections import Counter, defaultdict
from itertools import cycle
from typing import Any

import pytest
from dhanhq import DhanContext, MarketFeed

from brokers.dhan.codec import DhanDecoder
from brokers.dhan.layouts import Mode
from brokers.instrument_table import InstrumentTable
from brokers.listing import Listing
from market.clock import clock_text
from market.instrument import Instrument, Kind
from simulator.dhan import DhanWire
from simulator.faults import Kick
from simulator.server import LocalExchange
from simulator.session import Session

PATIENCE_S = 60
ENOUGH = 10_000
CODES = (15, 17, 21)
SYMBOLS_EACH = 13
"""So many symbols of the bundled session give more than enough ticks."""


Conversation = list[tuple[bytes, Any]]
"""Messages, each with what the SDK made of it."""


class RecordingFeed(MarketFeed):  # type: ignore[misc] # the SDK has no types
    """The SDK as it is; each message is kept beside what it made of it."""

    def __init__(self, instruments: list[tuple[int, str, int]]) -> None:
        super().__init__(DhanContext("100", "tok.en"), instruments, on_close=self.end)
        self.read: Conversation = []

    def process_data(self, data: bytes) -> Any:
        said = super().process_data(data)
        self.read.append((data, said))
        return said

    def end(self, _feed: MarketFeed) -> None:
        """The server said goodbye: do not connect again."""
        self._running = False


def run_sdk(instruments: list[tuple[int, str, int]]) -> Conversation:
    """What the SDK read until the server's goodbye; it wants a thread and an event loop of its own."""
    feeds: list[RecordingFeed] = []

    def run() -> None:
        feed = RecordingFeed(instruments)
        feeds.append(feed)
        feed.run()
        feed.loop.run_until_complete(feed.ws.wait_closed())
        feed.loop.close()
        asyncio.set_event_loop(None)

    thread = threading.Thread(target=run, name="dhanhq", daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    return feeds[0].read


@pytest.fixture(scope="module")
def conversation(bundled: Session, master: InstrumentTable):
    """Stocks in each mode and a future in quote mode, until the exchange kicks the client."""
    stocks = [listing for listing in master if listing.instrument.symbol != bundled.symbols[-1]][: 3 * SYMBOLS_EACH]
    future = Listing(Instrument(bundled.symbols[-1], "NSE", Kind.FUTURE), 2, 40_472)
    wanted = [(stock.segment, str(stock.security_id), code) for stock, code in zip(stocks, cycle(CODES), strict=False)]
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalExchange(bundled, DhanWire(bundled.symbols, [*stocks, future])) as exchange,
    ):
        patch.setattr(MarketFeed, "market_feed_wss", exchange.url)
        exchange.faults.after(40_000, Kick(805))
        read = run_sdk([*wanted, (2, "40472", 17)])
        assert exchange.counts.total() == len(read)
    return read


@pytest.mark.parametrize(
    ("code", "mode", "kind"), [(2, "ticker", "Ticker"), (4, "quote", "Quote"), (8, "full", "Full")]
)
def test_the_sdk_reads_the_prices_volumes_and_times_that_our_codec_reads(
    conversation: Conversation, code: int, mode: Mode, kind: str
):
    both = [(data, said) for data, said in conversation if data[0] == code]
    assert len(both) >= ENOUGH
    ticks = DhanDecoder({}, mode).decode([data for data, _ in both], 0).ticks
    ours = zip(ticks.keys, ticks.prices, ticks.times_ms, ticks.volumes, strict=True)
    for (key, price, at_ms, volume), (_, said) in zip(ours, both, strict=True):
        assert said["type"] == f"{kind} Data"
        assert (said["exchange_segment"], said["security_id"]) == (key >> 32, key & 0xFFFFFFFF)
        assert said["LTP"] == f"{price:.2f}"
        assert said["LTT"] == (clock_text(at_ms) if at_ms else "00:00:00")
        assert said.get("volume", 0) == volume


def test_the_sdk_reads_the_day_that_was_recorded(conversation: Conversation, bundled: Session, master: InstrumentTable):
    rows = zip(
        bundled.symbol.tolist(),
        bundled.prices.tolist(),
        bundled.volumes.tolist(),
        bundled.times_ms.tolist(),
        strict=True,
    )
    recorded: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for index, price, volume, at_ms in rows:
        recorded[bundled.symbols[index]].append((f"{price:.2f}", volume, clock_text(at_ms)))
    heard: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for data, said in conversation:
        if data[0] in {4, 8} and said["exchange_segment"] == 1 and said["volume"]:
            listing = master.at(1 << 32 | said["security_id"])
            assert listing is not None
            heard[listing.instrument.symbol].append((said["LTP"], said["volume"], said["LTT"]))
            assert float(said["low"]) <= float(said["LTP"]) <= float(said["high"])
            assert float(said["low"]) <= float(said["avg_price"]) <= float(said["high"])
            assert said["total_buy_quantity"] > 0 < said["total_sell_quantity"]
    assert len(heard) == 2 * SYMBOLS_EACH
    for symbol, ticks in heard.items():
        assert ticks == recorded[symbol][: len(ticks)]


def test_the_sdk_understands_everything_else_that_the_exchange_says(conversation: Conversation):
    codes = Counter(data[0] for data, _ in conversation)
    assert codes[6] == 3 * SYMBOLS_EACH + 1
    assert codes[7] == 2, "one for each segment"
    assert codes[5] > 1000
    assert [data[0] for data, _ in conversation].index(50) == len(conversation) - 1
    for data, said in conversation:
        match data[0]:
            case 5:
                assert (said["type"], said["exchange_segment"], said["OI"] >= 100_000) == ("OI Data", 2, True)
            case 6:
                assert said["type"] == "Previous Close"
                assert float(said["prev_close"]) > 0
            case 7:
                assert said == "Markets Open"
