"""A transition as the JSON record that files, webhooks and the store share, and back."""

import json
from datetime import datetime
from math import isfinite, nan
from typing import Any

from market.clock import iso
from signals.signal import Condition, Quality, Reason, Side, SignalType, Transition

_MARGIN_DECIMALS = 4
SCHEMA = 1
"""Raised when a field changes its meaning; new fields do not raise it."""


def to_record(transition: Transition) -> dict[str, Any]:
    """Plain JSON values in the documented order; a number that is not finite becomes None."""
    return {
        "id": transition.id,
        "short_id": transition.short_id,
        "schema": SCHEMA,
        "symbol": transition.symbol,
        "strategy": transition.strategy,
        "direction": transition.direction.value,
        "type": transition.type.value,
        "reason": transition.reason.value,
        "time": iso(transition.time_ms),
        "bar_start": iso(transition.bar_start_ms),
        "timeframe": transition.timeframe,
        "price": _finite(transition.price),
        "target": _finite(transition.target),
        "stop": _finite(transition.stop),
        "score": _finite(transition.score),
        "indicators": {name: _finite(value) for name, value in transition.indicators},
        "report": list(transition.reported),
        "conditions": [_condition_record(condition) for condition in transition.conditions],
        "state_id": transition.state_id,
        "quality": {
            "warm": transition.quality.warm,
            "partial": transition.quality.partial,
            "late": transition.quality.late,
            "age_ms": transition.quality.age_ms,
        }
        | ({} if transition.quality.price_now is None else {"price_now": _finite(transition.quality.price_now)}),
    }


def to_json(transition: Transition) -> str:
    """The record on one line of ASCII; the same transition always gives the same text."""
    return json.dumps(to_record(transition), allow_nan=False)


def from_record(record: dict[str, Any], version: str = "") -> Transition:
    """The transition a record was made of.

    The record does not carry the strategy's version, so whoever needs it gives it. A price, a condition's side or
    an indicator that is None comes back as nan. One of before there were scores and reports has none.

    Raises: ValueError when it is not such a record.
    """
    try:
        return Transition(
            id=str(record["id"]),
            symbol=str(record["symbol"]),
            strategy=str(record["strategy"]),
            version=version,
            direction=Side(record["direction"]),
            type=SignalType(record["type"]),
            reason=Reason(record["reason"]),
            time_ms=epoch_ms(record["time"]),
            bar_start_ms=epoch_ms(record["bar_start"]),
            timeframe=str(record["timeframe"]),
            price=_number(record["price"]),
            target=_level(record["target"]),
            stop=_level(record["stop"]),
            indicators=tuple((str(name), _number(value)) for name, value in record["indicators"].items()),
            conditions=tuple(map(_condition, record["conditions"])),
            state_id=str(record["state_id"]),
            quality=Quality(
                warm=bool(record["quality"]["warm"]),
                partial=bool(record["quality"]["partial"]),
                late=bool(record["quality"]["late"]),
                age_ms=int(record["quality"]["age_ms"]),
                price_now=_level(record["quality"].get("price_now")),
            ),
            score=_level(record.get("score")),
            reported=tuple(map(str, record.get("report", ()))),
        )
    except (KeyError, TypeError, AttributeError, OverflowError, ValueError, RecursionError) as error:
        raise ValueError(f"not a signal record: {error!r}") from error


def from_json(text: str) -> Transition:
    """The transition of one line. Raises: ValueError when it is not such a record."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not a signal record: {error}") from error
    return from_record(record)


def _condition_record(condition: Condition) -> dict[str, Any]:
    """`parts` only where there are any: nearly all conditions are one comparison."""
    margin = condition.margin_percent
    record = {
        "text": condition.text,
        "left": _finite(condition.left),
        "right": _finite(condition.right),
        "margin_percent": round(margin, _MARGIN_DECIMALS) if isfinite(margin) else None,
        "ok": condition.ok,
    }
    parts = [_condition_record(part) for part in condition.parts]
    return record | {"parts": parts} if parts else record


def _condition(entry: dict[str, Any]) -> Condition:
    ok = entry["ok"]
    parts = tuple(map(_condition, entry.get("parts", ())))
    return Condition(
        str(entry["text"]), _number(entry["left"]), _number(entry["right"]), None if ok is None else bool(ok), parts
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _number(value: float | None) -> float:
    return nan if value is None else float(value)


def _level(value: float | None) -> float | None:
    return None if value is None else float(value)


def epoch_ms(text: str) -> int:
    """An ISO-8601 time with its offset as epoch milliseconds UTC. Raises: ValueError, TypeError."""
    # To the nearest: a float of seconds is a hair off the millisecond it was written as.
    return round(datetime.fromisoformat(text).timestamp() * 1000)
