"""A symbol as `debug` shows it on a real morning: one strategy in a signal, one still warming up."""

from dataclasses import replace
from math import inf, nan

from actors.views import BarView, IndicatorView, NearRow, NearView, SideView, StrategyView, SymbolView
from signals.signal import Condition, Quality, Reason, Side, SignalType, Transition, Unmet

OPEN_MS = 1_763_351_100_000
"""2025-11-17 09:15 IST."""
MINUTE_MS = 60_000

PRICES = (3001.0, 3003.5, 3002.2, 3005.4, 3004.1, 3007.75, 3008.1, 3010.6, 3009.35, 3011.9, 3012.5)


def bar_view(minute: int, index: int) -> BarView:
    start_ms = OPEN_MS + minute * MINUTE_MS
    opened = PRICES[index - 1] if index else 3000.5
    closed = PRICES[index]
    return BarView(
        start_ms=start_ms,
        end_ms=start_ms + MINUTE_MS,
        open=opened,
        high=max(opened, closed) + 0.85,
        low=min(opened, closed) - 1.15,
        close=closed,
        volume=18_400 + index * 1_234,
        partial=index == 2,
    )


def transition(kind: SignalType, reason: Reason, minute: int, price: float, first: str) -> Transition:
    return Transition(
        id=first + "0" * 27,
        symbol="NSE:M&M",
        strategy="ema_vwap",
        version="1",
        direction=Side.LONG,
        type=kind,
        reason=reason,
        time_ms=OPEN_MS + minute * MINUTE_MS,
        bar_start_ms=OPEN_MS + (minute - 1) * MINUTE_MS,
        timeframe="1m",
        price=price,
        target=3038.2,
        stop=2993.1,
        indicators=(("ema9", 3001.2), ("vwap", nan)),
        conditions=(Condition("close > ema(9)", 3003.5, 3001.2, ok=True),),
        state_id=first + "0" * 27,
        quality=Quality(partial=True),
    )


def symbol_view() -> SymbolView:
    running = StrategyView(
        name="ema_vwap",
        version="1",
        timeframe="1m",
        state="IN_SIGNAL",
        direction="LONG",
        entry_price=3008.1,
        target=3038.2,
        stop=2993.1,
        cooldown_left=0,
        state_id="9fd47" + "0" * 27,
        indicators=(
            IndicatorView("ema9", 3008.12, ready=True),
            IndicatorView("ema15", 3004.0, ready=True),
            IndicatorView("ema55", 2991.7, ready=True),
            IndicatorView("vwap", 3012.95, ready=True),
        ),
        conditions={
            "LONG": (
                Condition("close > ema(9)", 3011.9, 3008.12, ok=True),
                Condition("close > ema(15)", 3011.9, 3004.0, ok=True),
                Condition("close > ema(55)", 3011.9, 2991.7, ok=True),
                Condition("close > vwap", 3011.9, 3012.95, ok=False),
            ),
            "SHORT": (
                Condition("close < ema(9)", 3011.9, 3008.12, ok=False),
                Condition("close < ema(15)", 3011.9, 3004.0, ok=False),
                Condition("close < ema(55)", 3011.9, 2991.7, ok=False),
                Condition("close < vwap", 3011.9, 3012.95, ok=True),
            ),
        },
        sides=(
            SideView(
                "LONG",
                (Unmet(Condition("close > vwap", 3011.9, 3012.95, ok=False), 0.0348),),
                0.0348,
                ("in this signal",),
            ),
            SideView(
                "SHORT",
                (
                    Unmet(Condition("close < ema(9)", 3011.9, 3008.12, ok=False), 0.1257),
                    Unmet(Condition("close < ema(15)", 3011.9, 3004.0, ok=False), 0.263),
                    Unmet(Condition("close < ema(55)", 3011.9, 2991.7, ok=False), 0.6752),
                ),
                0.6752,
                ("in a LONG signal",),
            ),
        ),
    )
    warming = StrategyView(
        name="opening_range",
        version="2",
        timeframe="5m",
        state="COOLDOWN",
        direction=None,
        entry_price=None,
        target=None,
        stop=None,
        cooldown_left=3,
        state_id=None,
        indicators=(IndicatorView("atr14", nan, ready=False), IndicatorView("rsi6", 61.37, ready=True)),
        conditions={},
        sides=(SideView("LONG", (), 0.0, ("rests for 3 more bars of 5m", "no 5m candle has closed yet")),),
    )
    return SymbolView(
        symbol="NSE:M&M",
        last_price=3012.5,
        last_trade_ms=OPEN_MS + 75 * MINUTE_MS + 58_400,
        day_volume=1_842_310,
        market_ms=OPEN_MS + 76 * MINUTE_MS + 1_500,
        open_bars=(bar_view(75, 10),),
        bars=tuple(bar_view(65 + index, index) for index in range(10)),
        strategies=(running, warming),
        counts={"late": 2, "volume_steps_back": 1, "stale": 0},
        recent=(
            transition(SignalType.ENTRY, Reason.RULE, 41, 2998.4, "1a2b3"),
            transition(SignalType.EXIT, Reason.STOP, 55, 2983.4, "77c01"),
            transition(SignalType.ENTRY, Reason.RULE, 72, 3008.1, "9fd47"),
        ),
        phase="continuous",
    )


def near_view(strategy: str, top: int) -> NearView:
    """Two symbols close to an entry, as far as `top` allows."""
    vwap = Unmet(Condition("close > vwap", 3011.9, 3012.95, ok=False), 0.0348)
    band = Unmet(Condition("in session 09:20-15:00", nan, nan, ok=False), inf)
    rows = (
        NearRow("NSE:M&M", strategy, "1", "1m", "LONG", 3011.9, (vwap,), 4, 0.0348, ()),
        NearRow(
            "NSE:TCS", strategy, "1", "5m", "SHORT", 4120.55, (band, vwap), 4, inf, ("no entry in the last 10 minutes",)
        ),
    )
    return NearView(OPEN_MS + 76 * MINUTE_MS, rows[:top], 2000, 3100, {"in a signal": 12, "not warm": 880})


def silent_view(symbol: str) -> SymbolView:
    """A symbol that has not traded since the start."""
    return replace(
        symbol_view(),
        symbol=symbol,
        last_price=None,
        last_trade_ms=0,
        day_volume=0,
        open_bars=(),
        bars=(),
        strategies=(),
        counts={},
        recent=(),
    )
