"""Which alerts hang on the differences, by the line that is used live."""

import random
from collections.abc import Mapping
from datetime import date

from market.bar import Bar
from reconciliation.alerts import Alerts, Past, compare_alerts
from reconciliation.pair import pair_up
from tests.factories import at, bars_at, ema_vwap, real_bars, said, session_table
from tests.reconciliation.sides import paired, recording, unlisted

QUICK = (ema_vwap(2, 3, 3, stop="", target="", cooldown_bars=0),)
"""Ready on the third bar, so that a test needs few."""
FALLING = [100.0, 99.0, 98.0, 97.0, 96.0]
SPIKE = ("ENTRY", "LONG", "09:21:00", 105.0)
FRIDAY = date(2025, 11, 14)


def alerts(ours: list[Bar], theirs: list[Bar], past: Past = lambda _: ()) -> Alerts:
    return compare_alerts(paired({"NSE:TCS": ours}, {"NSE:TCS": theirs}), QUICK, past)


def test_the_same_bars_give_the_same_alerts():
    bars = bars_at([*FALLING, 105.0, 105.5])
    assert alerts(bars, bars) == Alerts(2, (), ())


def test_prices_that_differ_without_consequence_change_no_alert():
    ours = bars_at([*FALLING, 105.0, 105.5])
    ours[6].high = 106.0
    assert alerts(ours, bars_at([*FALLING, 105.0, 105.5])) == Alerts(2, (), ())


def test_an_alert_on_a_price_the_broker_does_not_have_would_not_have_fired():
    found = alerts(bars_at([*FALLING, 105.0, 95.5]), bars_at([*FALLING, 96.0, 95.5]))
    assert said(found.would_not_fire) == [SPIKE, ("EXIT", "exit_rule", "09:22:00", 95.5)]
    assert (found.same, found.ours, found.missing) == (0, 2, ())


def test_an_alert_on_a_bar_we_lack_is_missing():
    theirs = bars_at([*FALLING, 105.0, 105.5])
    found = alerts(theirs[:5], theirs)
    assert said(found.missing) == [SPIKE, ("EXIT", "market_end", "15:30:00", 105.5)]
    assert (found.same, found.would_not_fire) == (0, ())


def test_an_alert_that_a_bar_without_all_its_trades_kept_back_is_missing():
    ours = bars_at([*FALLING, 105.0, 105.5])
    ours[5].partial = True
    found = alerts(ours, bars_at([*FALLING, 105.0, 105.5]))
    assert said(found.missing) == [SPIKE, ("EXIT", "market_end", "15:30:00", 105.5)]


def test_an_exit_at_another_time_is_one_alert_too_many_and_one_too_few():
    found = alerts(bars_at([*FALLING, 105.0, 95.0, 94.0]), bars_at([*FALLING, 105.0, 106.0, 94.0]))
    assert found.same == 1
    assert said(found.would_not_fire) == [("EXIT", "exit_rule", "09:22:00", 95.0)]
    assert said(found.missing) == [("EXIT", "exit_rule", "09:23:00", 94.0)]


def test_the_session_ends_for_both_also_when_one_has_no_bar_in_its_last_minute():
    morning = bars_at([*FALLING, 105.0, 105.5])
    found = alerts(morning, [*morning, *bars_at([105.5], "15:29")])
    assert found.same == 1
    assert said(found.would_not_fire) == said(found.missing) == [("EXIT", "market_end", "15:30:00", 105.5)]


def test_the_days_before_warm_both_sides_alike_and_are_read_once_for_each():
    read = 0

    def past(sinces: Mapping[str, int]) -> list[list[tuple[str, Bar]]]:
        nonlocal read
        read += 1
        assert sinces["NSE:TCS"] <= at("15:20", FRIDAY)
        friday = [("NSE:TCS", each) for each in bars_at(FALLING, "15:20", day=FRIDAY)]
        return [friday[:3], friday[3:], [("NSE:GONE", friday[0][1])]]

    today = bars_at([94.0, 93.0])
    assert alerts(today, today) == Alerts(0, (), ())
    warm = alerts(today, bars_at([94.0, 95.0]), past)
    assert said(warm.would_not_fire) == [("ENTRY", "SHORT", "09:17:00", 93.0), ("EXIT", "market_end", "15:30:00", 93.0)]
    assert read == 2


def test_what_came_before_anybody_watched_that_day_raises_no_entry_on_either_side():
    bars = bars_at([*FALLING, 105.0, 95.0, 94.0, 106.0])
    whole = alerts(bars, bars)
    late = compare_alerts(paired({"NSE:TCS": bars}, {"NSE:TCS": bars}), QUICK, lambda _: (), at("09:21:30"))
    assert (whole.same, late.same) == (4, 2)


def test_alerts_of_symbols_whose_bars_are_the_same_stay_the_same_on_a_real_day():
    chance = random.Random(7)
    names = chance.sample(sorted(real_bars()), 12)
    ours = {name: list(real_bars()[name]) for name in names}
    theirs = {**ours, names[0]: ours[names[0]][::2]}
    day = ours[names[0]][0].session
    found = compare_alerts(
        pair_up(day, recording(ours), recording(theirs), unlisted, session_table()),
        (ema_vwap(),),
        lambda _: (),
    )
    assert found.same > 200
    assert {each.symbol for each in (*found.would_not_fire, *found.missing)} == {names[0]}


def test_a_side_without_a_candle_in_the_hours_of_trading_gives_no_alert():
    found = alerts(bars_at([100.0], "15:40"), bars_at([*FALLING, 105.0, 105.5]))
    assert (found.ours, len(found.missing)) == (0, 2)
