"""From the socket to the symbol actors: a burst of Dhan's quote frames, beside websocket-client's `recv` loop."""

import random
from collections.abc import Collection
from statistics import median
from time import perf_counter
from typing import Final

from actors.feed_reader import FeedReader
from actors.line import Line
from actors.router import Router
from bench import market
from bench.disk import place
from bench.drain import end
from bench.frames import flood, read_theirs
from bench.result import Result
from bench.stand_ins import Deaf, forget
from brokers.cooldowns import Cooldowns
from brokers.dhan import Credentials
from brokers.dhan.connection import DhanFeed
from brokers.dhan.packets import encode_quote, raw_trade_time
from brokers.listing import Listing
from brokers.reconnect import Delays
from collector import spare_the_collector
from market.clock import SystemClock
from market.watermark import Watermark
from settings.schema import Dhan
from settings.secrets import Secret
from settings.strategy_files import shipped

SYMBOLS: Final = 2_000
RUNS: Final = 5
BURST: Final = 20_000
"""Different frames, which the server sends over and over."""
TIMES: Final = 10
FRAMES: Final = BURST * TIMES
NSE_EQ: Final = 1
NEVER_AGAIN: Final = Delays(retry_first=3600.0, retry_longest=3600.0)
"""One connection is all there is to measure."""
WAIT_S: Final = 60.0


class MuteFeed(DhanFeed):
    """Asks for nothing: the server of the bench sends its frames to whoever connects, and does not listen."""

    def subscriptions(self) -> list[str]:
        return []


class Intake:
    """The router, told that the data is over when the server closes."""

    def __init__(self, router: Router) -> None:
        self.route, self.finished = router.route, router.finished

    def interrupted(self, keys: Collection[int]) -> None:
        """The connection that is all there is has ended."""
        del keys
        self.finished()


def measure() -> list[Result]:
    """Medians of five; ratios within each. Ours is the whole of it: reader, codec, router, actors."""
    ours, theirs = [], []
    for _ in range(RUNS):
        with flood(_burst(), TIMES) as url:
            began = perf_counter()
            assert read_theirs(url) == FRAMES
            theirs.append(FRAMES / (perf_counter() - began))
            ours.append(FRAMES / _read_ours(url))
    return [
        Result("frames/s from socket to symbol actor, Dhan quotes", median(ours), "/s"),
        Result("  websocket-client's recv loop, which does nothing else", median(theirs), "/s"),
        Result(
            "  ours ÷ recv loop",
            median(mine / other for mine, other in zip(ours, theirs, strict=True)),
            "×",
            at_least=4.0,
        ),
    ]


def _read_ours(url: str) -> float:
    """Seconds from before the connection until the last actor has its last tick."""
    clock = SystemClock()
    listings = [Listing(one, NSE_EQ, key + 1) for key, one in market.instruments(SYMBOLS).items()]
    watched = {listing.key: listing.instrument for listing in listings}
    line = Line([shipped("ema_vwap")], watched, forget, Deaf(), Deaf(), Watermark(1500))
    feed = MuteFeed("bench", Dhan(url=url, market_clock="data"), listings, _nobody)
    with place() as directory:
        cooldowns = Cooldowns(directory, clock)
        reader = FeedReader(
            feed, Intake(line.router), clock, Deaf(), cooldowns, "data", lambda: True, delays=NEVER_AGAIN
        )
        line.start()
        spare_the_collector()
        began = perf_counter()
        reader.start()
        assert line.router.over.wait(WAIT_S)
        took = perf_counter() - began
        reader.stop()
    assert line.router.ticks == FRAMES
    end(line)
    return took


def _burst() -> bytes:
    """Whole frames as they stand on the wire: random symbols and prices, all traded in one second."""
    rng = random.Random(1)
    at = raw_trade_time(market.OPEN_MS + 1000)
    frames = []
    for _ in range(BURST):
        number, price = rng.randrange(SYMBOLS), rng.randrange(2_000, 80_000) / 20
        packet = encode_quote(
            segment=NSE_EQ, security_id=number + 1, price=price, trade_time=at, day_volume=number, day_high=price
        )
        frames.append(bytes((0x82, len(packet))) + packet)
    return b"".join(frames)


def _nobody() -> Credentials:
    return Credentials(Secret("no-account"), Secret("no-account-needed"))
