"""What must hold of bars however their ticks come: any order, any number of times, anything at all."""

from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from market.bar import MINUTE_MS, Bar
from tests.factories import NEXT_DAY, Builder, at, hours, values

MARKET = hours()
GRACE_MS = 1500
Tick = tuple[int, float, int]
Bars = tuple[list[tuple[int, float, float, float, float, int]], list[bool]]

EXAMPLES, ARRIVALS = 500, 20
"""Lists of trades for each of two tests, and ways for each list to arrive: 20,000 cases."""
WILD_PRICES = st.integers(1, 400).map(lambda ticks: round(ticks * 0.05, 2))
CALM_PRICES = st.integers(1820, 2180).map(lambda ticks: round(ticks * 0.05, 2))
"""None far from any other."""


@st.composite
def trades(draw: st.DrawFn, prices: st.SearchStrategy[float] = WILD_PRICES) -> list[Tick]:
    """Trades in the order they were made: time moves on, the day volume grows with each."""
    steps = draw(st.lists(st.tuples(st.integers(0, 50_000), prices, st.integers(1, 500)), min_size=1, max_size=40))
    at_ms, volume, made = at("09:15"), 0, []
    for step, price, quantity in steps:
        at_ms, volume = at_ms + step, volume + quantity
        made.append((at_ms, price, volume))
    return made


def builder_of(*, doubts: bool = False) -> Builder:
    """One that watched the market from before the open: nothing was traded yet."""
    builder = Builder(MARKET, doubts_far_prices=doubts)
    builder.add(0, 100.0, 0)
    return builder


def shown(bars: list[Bar]) -> Bars:
    return values(bars), [each.partial for each in bars]


def bars_of(ticks: list[Tick], *, doubts: bool = False) -> Bars:
    builder = builder_of(doubts=doubts)
    for tick in ticks:
        builder.add(*tick)
    return shown(builder.end("15:29"))


def arrivals(ticks: list[Tick], chance: Random) -> list[tuple[int, Tick]]:
    """The same trades, each once to three times, each within the grace time of when it was made."""
    copies = [tick for tick in ticks for _ in range(chance.choice((1, 1, 2, 3)))]
    return sorted((tick[0] + chance.randint(0, GRACE_MS), tick) for tick in copies)


def expect_the_same_however_they_come(ticks: list[Tick], chance: Random, *, doubts: bool) -> None:
    """While minutes close behind them."""
    expected = bars_of(ticks, doubts=doubts)
    for _ in range(ARRIVALS):
        builder, over, closed = builder_of(doubts=doubts), at("09:14"), list[Bar]()
        for arrival_ms, tick in arrivals(ticks, chance):
            while over + 2 * MINUTE_MS + GRACE_MS < arrival_ms:
                over += MINUTE_MS
                closed += builder.close_through(over)
            builder.add(*tick)
        assert shown([*closed, *builder.end("15:29")]) == expected
        assert not builder.counts.keys() & {"late", "bad_print_held", "exchange_correction", "volume_began_anew"}


@settings(max_examples=EXAMPLES, deadline=None)
@given(trades(), st.randoms(use_true_random=False))
def test_any_order_and_number_within_the_grace_time_gives_the_same_bars(ticks: list[Tick], chance: Random):
    expect_the_same_however_they_come(ticks, chance, doubts=False)


@settings(max_examples=EXAMPLES, deadline=None)
@given(trades(CALM_PRICES), st.randoms(use_true_random=False))
def test_so_it_does_where_far_prices_are_doubted(ticks: list[Tick], chance: Random):
    expect_the_same_however_they_come(ticks, chance, doubts=True)


@given(trades(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_bars_if_no_minute_closes_meanwhile(ticks: list[Tick], chance: Random):
    shuffled = ticks[:]
    chance.shuffle(shuffled)
    assert bars_of(shuffled) == bars_of(ticks)


# --- any input at all ----------------------------------------------------------------------------------------------

MOMENTS = st.one_of(
    st.integers(at("09:00"), at("09:20")),
    st.integers(at("15:25"), at("15:40")),
    st.integers(at("09:00", NEXT_DAY), at("09:20", NEXT_DAY)),
    st.sampled_from([0, 1, at("10:00", date(2025, 11, 16))]),
)
VOLUMES = st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 2000))
WILD = st.tuples(MOMENTS, WILD_PRICES, VOLUMES)
EVENTS = st.lists(
    st.one_of(
        WILD,
        WILD,
        st.just("cut"),
        st.integers(at("09:00"), at("16:00")),
        st.tuples(st.sampled_from(["unseen", "average"]), WILD),
    ),
    max_size=60,
)


def expect_sound(bar: Bar) -> None:
    assert bar.volume >= 0
    assert bar.low <= bar.open <= bar.high
    assert bar.low <= bar.close <= bar.high
    assert bar.start_ms % MINUTE_MS == 0
    assert bar.end_ms == bar.start_ms + MINUTE_MS
    session = MARKET.at(bar.start_ms)
    assert session is not None
    assert session.open_ms <= bar.start_ms < session.close_ms
    assert bar.session == session.date


@settings(max_examples=300, deadline=None)
@given(EVENTS, st.booleans())
def test_whatever_comes_bars_are_sound(events: list[Tick | str | int | tuple[str, Tick]], doubts: bool):  # noqa: FBT001 - drawn
    builder = Builder(MARKET, doubts_far_prices=doubts)
    bars: list[Bar] = []
    for event in events:
        match event:
            case "cut":
                builder.interrupted()
            case int():
                bars += builder.close_through(event)
            case ("unseen", tick):
                builder.add_unseen(*tick)
            case ("average", tick):
                builder.take_average(*tick)
            case (at_ms, price, volume):
                builder.add(at_ms, price, volume)
    open_bars = builder.open_bars()
    bars += builder.end("16:00", NEXT_DAY)
    assert builder.open_bars() == []
    assert len({bar.start_ms for bar in bars}) == len(bars)
    for bar in [*bars, *open_bars]:
        expect_sound(bar)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 2**31),
    st.lists(st.tuples(st.integers(at("09:15"), at("09:25")), CALM_PRICES, st.integers(0, 10_000)), max_size=40),
    st.booleans(),
)
def test_the_volumes_of_all_bars_add_up_to_the_last_day_volume_less_the_one_before(
    base: int,
    ticks: list[Tick],
    doubts: bool,  # noqa: FBT001 - drawn
):
    """The last is the highest, for the day volume may step back as it likes, as long as it comes back."""
    builder = builder_of(doubts=doubts)
    builder.tick("09:08:00", 100.0, base)
    bars: list[Bar] = []
    for number, (at_ms, price, growth) in enumerate(ticks):
        builder.add(at_ms, price, base + growth)
        if number % 7 == 6:
            bars += builder.close_through(at("09:15") + number // 7 * MINUTE_MS)
    bars += builder.end("09:30")
    highest, total = max((growth for *_, growth in ticks), default=0), sum(each.volume for each in bars)
    if "exchange_correction" in builder.counts:
        return
    assert total == highest if "late" not in builder.counts else total <= highest


@settings(max_examples=100, deadline=None)
@given(trades(CALM_PRICES), st.integers(0, 20_000))
def test_a_day_volume_of_32_bits_gives_the_volume_of_one_that_never_ends(ticks: list[Tick], before_the_end: int):
    start = 2**32 - before_the_end
    builder, wide = builder_of(), builder_of()
    last_ms, last = ticks[-1][0], ticks[-1][2]
    after = [(last_ms + 5_000 * step, 100.0, last + step) for step in (1, 2, 3)]
    for at_ms, price, volume in [(at("09:14:59"), 100.0, 0), *ticks, *after]:
        builder.add(at_ms, price, (start + volume) % 2**32)
        wide.add(at_ms, price, start + volume)
    total = sum(each.volume for each in builder.end("15:29"))
    assert total == sum(each.volume for each in wide.end("15:29")) == after[-1][2]
