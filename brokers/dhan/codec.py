"""Dhan's packets become ticks: pure and total, whatever the bytes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from brokers.broker import Decoded
from brokers.dhan.layouts import TICK_LAYOUTS, Mode
from brokers.dhan.packets import DISCONNECT, HEADER, SEGMENTS, SIZES, ResponseCode, disconnect_ending
from brokers.dhan.prices import PAISE_TOP_BYTES, ROUND, Prices, round_to_paise
from brokers.dhan.remarks import Remarks
from brokers.dhan.trade_time import IST_SHIFT_S, TradeTimes
from market.tick import TickBatch

BURST: Final = 25
"""Frames from which one array of all is quicker than each by itself, by bench/decode.py."""

KINDS: Final[Mapping[int, str]] = {code: code.name.lower() for code in ResponseCode}
TICKS: Final = {layout.code: layout for layout in TICK_LAYOUTS.values()}
REJECTS: Final = ("rejected_code", "rejected_length", "rejected_price", "rejected_volumeless", "refused_time")


class DhanDecoder:
    """Decodes the feed of one connection, on its reader's thread.

    A packet has the size that its code says, or the longer one that its header says: a newer layout has its new fields
    behind the old ones. A frame may hold several packets. The last traded quantity is never read: it wraps, and one
    packet may stand for many trades. Prices: see `Prices`.

    Volume is in all ticks or in none, so that it never jumps: in ticker mode it is 0 whatever came, in the other modes
    a ticker packet is rejected unless it is an index's, which has no volume in any packet.

    Ticks are followed by remarks where there is something to remark (see `Remarks`).

    `counts` counts each packet once: by kind if it was understood, else as `rejected_code` (unknown), `rejected_length`
    (reaches beyond its frame or cannot be stepped over; the rest of the frame goes with it), `rejected_price` (nan,
    infinite or not positive) or `rejected_volumeless` (see above). Of the ticks, `refused_time` were not handed on (see
    `TradeTimes`). Open interest, previous close and market status are counted, no more. Every count exists from the
    start, so that another thread may read them at any time.
    """

    def __init__(
        self,
        tick_sizes: Mapping[int, float],
        mode: Mode = "quote",
        trade_times: TradeTimes | None = None,
        *,
        averages: bool = False,
    ) -> None:
        """Make a decoder for a new connection.

        Args:
            tick_sizes: smallest price step in rupees by instrument key, `segment << 32 | security_id`.
            mode: what was subscribed.
            trade_times: judges trade times by the wall clock; None where market time is the data's own.
            averages: whether every tick is followed by the day's average traded price, which costs as much again.
        """
        self.counts = dict.fromkeys((*KINDS.values(), *REJECTS), 0)
        self._prices = Prices(tick_sizes)
        self._remarks = Remarks(self._prices, averages=averages)
        self._has_volume = mode != "ticker"
        self._expected = TICK_LAYOUTS[mode]
        self._trade_times = trade_times
        self._shift_s = trade_times.shift_s if trade_times is not None else IST_SHIFT_S

    def decode(self, frames: Sequence[bytes], received_ms: int) -> Decoded:
        """Decode websocket messages that arrived together, in order."""
        decoded = Decoded(TickBatch(received_ms, [], [], [], []), [])
        if len(frames) < BURST or not self._decode_together(frames, decoded.ticks):
            self._decode_each(frames, decoded)
        if self._trade_times is not None:
            self.counts["refused_time"] += self._trade_times.admit(decoded.ticks)
            self._shift_s = self._trade_times.shift_s
        return decoded

    def _decode_together(self, frames: Sequence[bytes], ticks: TickBatch) -> bool:
        """Decode frames that are one expected packet each, with nothing odd in any; else leave all and say False.

        The strided slices pick one byte of each packet, which costs a tenth of an array comparison.
        """
        layout, count = self._expected, len(frames)
        size = layout.size
        if not self._prices.paise_below or list(map(len, frames)).count(size) != count:
            return False
        stream = b"".join(frames)
        segments = stream[3::size]
        if (
            stream[0::size].count(layout.code) != count
            or stream[1::size].count(size) != count
            or stream[2::size].count(0) != count
            or stream[layout.price_top :: size].translate(None, PAISE_TOP_BYTES)
            or 0 in stream[layout.trade_time_top :: size]
        ):
            return False
        rows = np.frombuffer(stream, layout.rows)
        keys = rows["security_id"].astype(np.int64)
        if segments.count(segments[0]) == count:
            keys |= segments[0] << 32
        else:
            keys |= np.frombuffer(segments, np.uint8).astype(np.int64) << 32
        times = rows["trade_time"].astype(np.int64)
        times -= self._shift_s
        times *= 1000
        prices = rows["price"].astype(np.float64)
        round_to_paise(prices)
        ticks.keys = keys.tolist()
        ticks.times_ms = times.tolist()
        ticks.prices = prices.tolist()
        ticks.volumes = rows["day_volume"].tolist() if self._has_volume else [0] * count
        self.counts[layout.kind] += count
        if self._has_volume:
            extremes, remarks = rows["extremes"].tolist(), self._remarks
            if remarks.averages:
                remarks.follow_each(ticks, extremes, rows["average_price"].tolist())
            elif list(map(remarks.extremes.get, ticks.keys)) != extremes:
                remarks.follow_each(ticks, extremes)
        return True

    def _decode_each(self, frames: Sequence[bytes], decoded: Decoded) -> None:
        """Decode frames one by one; those that are one expected packet go by a short way."""
        remarks = self._remarks
        if not self._has_volume or remarks.averages:
            for frame in frames:
                self._walk(frame, decoded)
            return
        layout = self._expected
        size, signature, unpack = layout.size, layout.signature, layout.packet.unpack
        paise_below, shift_s = self._prices.paise_below, self._shift_s
        ticks, known = decoded.ticks, remarks.extremes
        keys, times, prices, volumes = ticks.keys, ticks.times_ms, ticks.prices, ticks.volumes
        taken = 0
        last_start = last_raw = -1
        segment_bits = at_ms = 0
        for frame in frames:
            if len(frame) != size:
                self._walk(frame, decoded)
                continue
            start, security_id, price, raw, volume, extremes = unpack(frame)
            if start != last_start:
                if start & 0xFFFFFF != signature:
                    self._walk(frame, decoded)
                    continue
                last_start, segment_bits = start, start >> 24 << 32
            price = (price * 100.0 + ROUND - ROUND) / 100.0
            if not 0.0 < price < paise_below:
                self._walk(frame, decoded)
                continue
            if raw != last_raw:
                last_raw, at_ms = raw, (raw - shift_s) * 1000 if raw > shift_s else 0
            key = segment_bits | security_id
            keys.append(key)
            times.append(at_ms)
            prices.append(price)
            volumes.append(volume)
            taken += 1
            if known.get(key) != extremes:
                remarks.follow(ticks, key, at_ms, price, volume, extremes)
        self.counts[layout.kind] += taken

    def _walk(self, frame: bytes, decoded: Decoded) -> None:
        """Decode a frame packet by packet, whatever it is."""
        counts, at, end = self.counts, 0, len(frame)
        if not end:
            counts["rejected_length"] += 1
        while at < end:
            code = length = segment = security_id = 0
            if end - at >= HEADER.size:
                code, length, segment, security_id = HEADER.unpack_from(frame, at)
            size = max(SIZES.get(code, 0), length)
            if not HEADER.size <= size <= end - at:
                counts["heartbeat" if frame[at] == ResponseCode.HEARTBEAT else "rejected_length"] += 1
                return
            if code in TICKS:
                fields = TICKS[code].fields.unpack_from(frame, at + HEADER.size)
                counts[self._take(code, segment, security_id, fields, decoded.ticks)] += 1
            else:
                counts[KINDS.get(code, "rejected_code")] += 1
                if code == ResponseCode.DISCONNECT:
                    decoded.endings.append(disconnect_ending(DISCONNECT.unpack_from(frame, at)[-1]))
            at += size

    def _take(self, code: int, segment: int, security_id: int, fields: tuple[Any, ...], ticks: TickBatch) -> str:
        """Add a tick from `TickLayout.fields` unless something is wrong with it; the name to count it under."""
        quoted, raw, *others = fields
        key = segment << 32 | security_id
        price = self._prices.snap(key, quoted)
        if price <= 0.0:
            return "rejected_price"
        if not others and self._has_volume and segment != SEGMENTS["IDX_I"]:
            return "rejected_volumeless"
        at_ms = (raw - self._shift_s) * 1000 if raw > self._shift_s else 0
        if not others or not self._has_volume:
            ticks.add(key, at_ms, price, 0)
            return KINDS[code]
        average, volume, extremes = others
        ticks.add(key, at_ms, price, volume)
        self._remarks.follow(ticks, key, at_ms, price, volume, extremes, average)
        return KINDS[code]
