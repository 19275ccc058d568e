"""Transitions, machines and deliveries as rows of the database, and back."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from loguru import logger

from actors.messages import MachineRow
from store.database import reading
from store.deliveries import DeliveryState, Mark, PendingDelivery

_CHUNK = 2000

_OPEN = "state IN ('new', 'sending', 'retry', 'unknown')"
"""Word for word the condition of the index `delivery_open`, or SQLite would not use it."""

_PENDING = f"""
    SELECT delivery.outbox_id, state, attempts, outbox.committed_ms, outbox.record, entry.record, outbox.is_notice
    FROM delivery
    JOIN outbox ON outbox.id = delivery.outbox_id
    LEFT JOIN outbox AS entry ON entry.fingerprint = outbox.state_id AND entry.id <> outbox.id
    WHERE channel = ? AND delivery.outbox_id > ? AND {_OPEN}
    ORDER BY delivery.outbox_id LIMIT ?"""  # noqa: S608 - constants

_DECISIONS = """
    SELECT record, EXISTS (SELECT 1 FROM delivery WHERE outbox_id = outbox.id)
    FROM outbox WHERE committed_ms >= ? AND NOT is_notice ORDER BY id"""

_DELIVERED = """
    SELECT channel, state, COUNT(*) FROM delivery JOIN outbox ON outbox.id = outbox_id
    WHERE committed_ms >= ? AND NOT is_notice GROUP BY channel, state"""

_RECORDS = "SELECT id, record FROM outbox WHERE id > ? AND NOT is_notice ORDER BY id LIMIT ?"


def write_transition(
    connection: sqlite3.Connection,
    fingerprint: str,
    state_id: str,
    record: str,
    machine: tuple[str, str, str, str],
    channels: Sequence[str],
    committed_ms: int,
) -> None:
    """The transition, its machine `(symbol, strategy, version, state)` and a delivery for each channel.

    Nothing at all when the fingerprint is known: then the machine, which may be further by now, stays too.
    """
    inserted = connection.execute(
        """INSERT INTO outbox (fingerprint, state_id, version, committed_ms, record) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (fingerprint) DO NOTHING""",
        (fingerprint, state_id, machine[2], committed_ms, record),
    )
    if inserted.rowcount == 0:
        return
    connection.execute(
        """INSERT INTO machine (symbol, strategy, version, state) VALUES (?, ?, ?, ?)
        ON CONFLICT (symbol, strategy, version) DO UPDATE SET state = excluded.state""",
        machine,
    )
    _write_deliveries(connection, inserted.lastrowid, channels, committed_ms)


def write_notice(
    connection: sqlite3.Connection, identity: str, record: str, channels: Sequence[str], committed_ms: int
) -> None:
    """A notice and a delivery for each channel; nothing when it is known."""
    inserted = connection.execute(
        """INSERT INTO outbox (fingerprint, state_id, version, committed_ms, record, is_notice)
        VALUES (?, ?, '', ?, ?, 1) ON CONFLICT (fingerprint) DO NOTHING""",
        (identity, identity, committed_ms, record),
    )
    if inserted.rowcount:
        _write_deliveries(connection, inserted.lastrowid, channels, committed_ms)


def _write_deliveries(
    connection: sqlite3.Connection, outbox_id: int | None, channels: Sequence[str], now_ms: int
) -> None:
    connection.executemany(
        "INSERT INTO delivery (outbox_id, channel, state, attempts, error, changed_ms) VALUES (?, ?, ?, 0, '', ?)",
        [(outbox_id, channel, DeliveryState.NEW, now_ms) for channel in channels],
    )


def write_marks(connection: sqlite3.Connection, channel: str, marks: Sequence[Mark], now_ms: int) -> None:
    """New states of one channel's deliveries."""
    connection.executemany(
        "UPDATE delivery SET state = ?, attempts = ?, error = ?, changed_ms = ? WHERE outbox_id = ? AND channel = ?",
        [(mark.state, mark.attempts, mark.error, now_ms, mark.outbox_id, channel) for mark in marks],
    )


def machines(path: Path) -> list[MachineRow]:
    """Every machine as last committed; a row that cannot be read is told and left out."""
    with reading(path) as connection:
        rows = connection.execute("SELECT symbol, strategy, version, state FROM machine").fetchall()
    found = []
    for symbol, strategy, version, text in rows:
        try:
            state = json.loads(text)
        except ValueError:
            state = None
        if isinstance(state, dict):
            found.append(MachineRow(symbol, strategy, version, state))
        else:
            logger.error("the stored state of {} on {} cannot be read; it begins anew", strategy, symbol)
    return found


def transitions(path: Path) -> Iterator[str]:
    """The JSON record of every transition in the order of their commits, read in pieces."""
    last, rows = 0, list[tuple[int, str]]()
    while not last or len(rows) == _CHUNK:
        with reading(path) as connection:
            rows = connection.execute(_RECORDS, (last, _CHUNK)).fetchall()
        if not rows:
            return
        yield from (record for _, record in rows)
        last = rows[-1][0]


def decisions(path: Path, since_ms: int) -> list[tuple[str, bool]]:
    """Record of each transition committed since then, in order, and whether it was given to any channel."""
    with reading(path) as connection:
        return [(record, bool(sent)) for record, sent in connection.execute(_DECISIONS, (since_ms,))]


def pending(path: Path, channel: str, after: int, limit: int) -> list[PendingDelivery]:
    """The channel's deliveries that are neither done nor dead, with an outbox id above `after`, oldest first."""
    with reading(path) as connection:
        rows = connection.execute(_PENDING, (channel, after, limit)).fetchall()
    return [
        PendingDelivery(number, _state(state), attempts, committed_ms, record, entry, bool(is_notice))
        for number, state, attempts, committed_ms, record, entry, is_notice in rows
    ]


def _state(text: str) -> DeliveryState:
    """Damaged ones count as UNKNOWN: better once more, with a word about it, than never."""
    try:
        return DeliveryState(text)
    except ValueError:
        return DeliveryState.UNKNOWN


def delivery_counts(path: Path) -> dict[str, dict[str, int]]:
    """How many deliveries each channel has in each state."""
    counts: dict[str, dict[str, int]] = {}
    with reading(path) as connection:
        rows = connection.execute("SELECT channel, state, COUNT(*) FROM delivery GROUP BY channel, state")
        for channel, state, number in rows:
            counts.setdefault(channel, {})[state] = number
    return counts


def deliveries_since(path: Path, since_ms: int) -> dict[str, dict[str, int]]:
    """How many deliveries of transitions committed since then each channel has in each state."""
    counts: dict[str, dict[str, int]] = {}
    with reading(path) as connection:
        for channel, state, number in connection.execute(_DELIVERED, (since_ms,)):
            counts.setdefault(channel, {})[state] = number
    return counts


def undelivered(path: Path) -> dict[str, int]:
    """How many deliveries of each channel are neither done nor dead."""
    with reading(path) as connection:
        return dict(connection.execute(f"SELECT channel, COUNT(*) FROM delivery WHERE {_OPEN} GROUP BY channel"))  # noqa: S608


def last_error(path: Path, channel: str) -> str:
    """Why the channel's newest failed attempt failed, or an empty text."""
    with reading(path) as connection:
        row = connection.execute(
            "SELECT error FROM delivery WHERE channel = ? AND error <> '' ORDER BY changed_ms DESC LIMIT 1", (channel,)
        ).fetchone()
    return str(row[0]) if row else ""


def cooldowns(path: Path) -> dict[str, int]:
    """Until when each name must be left alone, epoch milliseconds UTC."""
    with reading(path) as connection:
        return dict(connection.execute("SELECT name, until_ms FROM cooldown").fetchall())


def write_cooldown(connection: sqlite3.Connection, name: str, until_ms: int) -> None:
    """Replace what was known of this name."""
    connection.execute("INSERT OR REPLACE INTO cooldown (name, until_ms) VALUES (?, ?)", (name, until_ms))
