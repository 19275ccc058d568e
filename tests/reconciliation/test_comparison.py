"""Each kind of difference by hand, and a real day against itself with known changes."""

import random

import pytest

from market.bar import Bar
from reconciliation.comparison import compare
from reconciliation.figures import Difference, FieldFigures, Gap, SymbolFigures
from reconciliation.pair import pair_up
from tests.factories import DAY, at, bar, instrument, real_bars, session_table
from tests.reconciliation.sides import paired, recording

SOUND = [bar("09:15", 100, 101, 99, 100.5), bar("09:16", 100.5, 100.5, 100.5, 100.5), bar("10:31", 98, 98, 97, 97.5)]


def changed(clock: str, **values: object) -> list[Bar]:
    """The sound bars, one of them with other values."""
    bars = [bar("09:15", 100, 101, 99, 100.5), bar("09:16", 100.5), bar("10:31", 98, 98, 97, 97.5)]
    (one,) = (each for each in bars if each.start_ms == at(clock))
    for name, value in values.items():
        setattr(one, name, value)
    return bars


def test_the_same_bars_are_equal_in_every_field():
    found = compare(paired({"NSE:TCS": SOUND, "NSE:ITC": SOUND[:1]}, {"NSE:TCS": SOUND, "NSE:ITC": SOUND[:1]}))
    assert (found.symbols, found.equal_symbols, found.bars, found.differing) == (2, 2, 4, 0)
    assert [(each.field, each.compared, each.equal) for each in found.fields] == [
        ("open", 4, 4), ("high", 4, 4), ("low", 4, 4), ("close", 4, 4), ("volume", 4, 4),
    ]  # fmt: skip
    assert (found.worst, found.unequal, found.missing_ours, found.missing_theirs) == (None, (), (), ())


@pytest.mark.parametrize("field", ["open", "high", "low", "close"])
def test_a_price_that_differs_is_counted_in_ticks_and_percent(field: str):
    theirs = getattr(SOUND[0], field)
    found = compare(paired({"NSE:TCS": changed("09:15", **{field: theirs + 0.15})}, {"NSE:TCS": SOUND}))
    by_field = {each.field: each for each in found.fields}
    figures = by_field.pop(field)
    worst = figures.worst
    assert worst is not None
    assert worst.percent == figures.median_percent == pytest.approx(15 / theirs)
    assert worst == Difference("NSE:TCS", at("09:15"), field, theirs + 0.15, theirs, 3.0, worst.percent)
    assert figures == FieldFigures(field, 3, 1, 3.0, worst.percent, worst)
    assert all(each.differing == 0 and each.worst is None for each in by_field.values())
    assert found.unequal == (SymbolFigures("NSE:TCS", 3, 1, 0, 0, worst),)
    assert (found.differing, found.equal_symbols) == (1, 0)


def test_a_volume_that_differs_is_counted_in_units():
    found = compare(paired({"NSE:TCS": changed("10:31", volume=80)}, {"NSE:TCS": SOUND}))
    assert found.fields[4].worst == Difference("NSE:TCS", at("10:31"), "volume", 80.0, 100.0, -20.0, -20.0)
    assert found.worst == found.fields[4].worst


def test_a_volume_where_the_broker_has_none_has_no_percent():
    index = [bar("09:15", 100, volume=0)]
    found = compare(paired({"NSE:NIFTY": [bar("09:15", 100, volume=7)]}, {"NSE:NIFTY": index}))
    assert found.worst == Difference("NSE:NIFTY", at("09:15"), "volume", 7.0, 0.0, 7.0, None)
    assert found.fields[4].median_percent is None


def test_a_price_is_worse_than_any_volume():
    ours = changed("09:15", high=101.05)
    ours[1].volume = 1
    found = compare(paired({"NSE:TCS": ours}, {"NSE:TCS": SOUND}))
    assert found.worst is not None
    assert (found.worst.field, found.differing) == ("high", 2)


def test_the_median_is_that_of_the_bars_that_differ():
    closes = [100.05, 100.10, 100.30, *[100.0] * 20]
    ours = [bar(f"10:{n:02}", 100.0, 101, 99, close) for n, close in enumerate(closes)]
    theirs = [bar(f"10:{n:02}", 100.0, 101, 99) for n in range(len(closes))]
    figures = compare(paired({"NSE:TCS": ours}, {"NSE:TCS": theirs})).fields[3]
    assert (figures.differing, figures.median_steps) == (3, 2.0)
    assert figures.median_percent == pytest.approx(0.1)
    assert figures.worst is not None
    assert figures.worst.steps == 6.0


def test_what_floating_point_adds_is_no_difference_and_the_smallest_tick_is_one():
    assert compare(paired({"NSE:TCS": changed("09:15", close=0.1 + 100.2 + 0.2)}, {"NSE:TCS": SOUND})).differing == 0
    assert compare(paired({"NSE:TCS": changed("09:15", close=100.5001)}, {"NSE:TCS": SOUND})).differing == 1


def test_ticks_are_the_instruments_own():
    pair = pair_up(
        DAY,
        recording({"NSE:TCS": changed("09:15", high=101.2)}),
        recording({"NSE:TCS": SOUND}),
        lambda symbol: instrument(symbol, tick_size=0.1),
        session_table(),
    )
    assert compare(pair).fields[1].median_steps == 2.0


def test_minutes_that_one_side_lacks_are_told_as_gaps():
    every = [bar(f"10:{n:02}", 100) for n in range(10)]
    ours = {"NSE:TCS": [*every[:3], *every[5:8]], "NSE:ITC": every}
    theirs = {"NSE:TCS": every, "NSE:ITC": every[1:]}
    found = compare(paired(ours, theirs))
    assert found.missing_ours == (Gap("NSE:TCS", at("10:03"), 2), Gap("NSE:TCS", at("10:08"), 2))
    assert found.missing_theirs == (Gap("NSE:ITC", at("10:00"), 1),)
    assert (found.bars, found.differing, found.equal_symbols) == (15, 0, 0)
    assert [(each.symbol, each.missing_ours, each.missing_theirs) for each in found.unequal] == [
        ("NSE:TCS", 4, 0),
        ("NSE:ITC", 0, 1),
    ]


def test_gaps_of_neighbouring_symbols_are_not_put_together():
    ours = {"NSE:A": [bar("10:00", 1)], "NSE:B": [bar("10:00", 1)]}
    theirs = {"NSE:A": [bar("10:00", 1), bar("10:01", 1)], "NSE:B": [bar("10:00", 1), bar("10:02", 1)]}
    found = compare(paired(ours, theirs))
    assert found.missing_ours == (Gap("NSE:A", at("10:01"), 1), Gap("NSE:B", at("10:02"), 1))


def test_bars_that_are_known_to_lack_trades_are_counted_among_those_that_differ():
    ours = changed("09:15", high=100.95, partial=True)
    ours[1].partial = True  # right all the same
    found = compare(paired({"NSE:TCS": ours}, {"NSE:TCS": SOUND}))
    assert (found.differing, found.differing_partial) == (1, 1)


def test_symbols_come_worst_first():
    one, two = changed("09:15", close=100.45), changed("09:15", close=100.45)
    two[2].low = 96.95
    far = changed("09:15", close=99.0)
    found = compare(
        paired(
            {"NSE:A": one, "NSE:B": two, "NSE:C": far, "NSE:D": SOUND},
            dict.fromkeys(map("NSE:{}".format, "ABCD"), SOUND),
        )
    )
    assert [each.symbol for each in found.unequal] == ["NSE:B", "NSE:C", "NSE:A"]


def test_nothing_in_common_is_no_difference():
    found = compare(paired({"NSE:TCS": SOUND}, {"NSE:ITC": SOUND}))
    assert (found.symbols, found.bars, found.worst) == (0, 0, None)
    assert found.fields[0].median_steps is None


def test_exactly_the_changes_made_to_a_real_day_are_found():
    day = next(iter(real_bars().values()))[0].session
    chance = random.Random(5)
    changes = {}
    theirs = {}
    for symbol, bars in real_bars().items():
        copies = [Bar(each.start_ms, each.end_ms, day, *each.values()[1:]) for each in bars]
        for place in chance.sample(range(len(copies)), 2):
            field = chance.choice(["open", "high", "low", "close"])
            steps = chance.randint(1, 5)
            setattr(copies[place], field, getattr(copies[place], field) - steps * 0.05)
            changes[symbol, copies[place].start_ms, field] = steps
        theirs[symbol] = copies
    found = compare(pair_up(day, recording(real_bars()), recording(theirs), lambda _: None, session_table()))
    assert (found.symbols, found.bars, found.differing) == (166, 61_752, 332)
    assert sum(each.differing for each in found.fields) == len(changes) == 332
    for figures in found.fields[:4]:
        assert figures.worst is not None
        assert changes[figures.worst.symbol, figures.worst.start_ms, figures.field] == figures.worst.steps
    assert (found.missing_ours, found.missing_theirs) == ((), ())
