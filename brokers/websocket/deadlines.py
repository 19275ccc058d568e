"""How long a connection may keep us waiting, all in seconds of the monotonic clock."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """One connection's deadlines; tests bring shorter ones."""

    connect: float = 14.5
    """For name look-up, TCP, TLS, upgrade, subscriptions and the first frame together: with one turn, under 15."""
    turn: float = 0.5
    """Longest wait for bytes before the loop looks around."""
    frame: float = 14.5
    """Without any frame while data is expected; PING and PONG count. With one turn, under 15."""
    quiet_frame: float = 40.0
    """The same at other times, when only the server's PING comes, every 10 s."""
    half_frame: float = 10.0
    """From the first byte of a message to its last."""
    send: float = 4.0
    """For the server to take what we say."""
    farewell: float = 1.0
    """For the server to answer our close."""
    data: float = 10.0
    """Without data while it is expected, at least; see `DataDeadline`."""
    data_again: float = 60.0
    """The same after it ran out, until data has flowed for as long: a halt of the market must not start a storm."""
    pace: float = 0.05
    """Between subscription messages; a server on this machine needs no pause."""


class DataDeadline:
    """Notices that data stopped although the connection lives: connected, subscribed, mute. Control frames are none.

    The limit is 20 times the usual gap between arrivals, but never under `Deadlines.data`. It counts only while data is
    expected, from the moment that became true. Lives longer than a connection, to remember that it ran out before.
    """

    _GAPS = 101
    _TIMES_USUAL_GAP = 20

    def __init__(self, deadlines: Deadlines, expected: Callable[[], bool]) -> None:
        self._deadlines = deadlines
        self._expected = expected
        self._gaps: deque[float] = deque(maxlen=self._GAPS)
        self._floor = deadlines.data
        self._since = 0.0
        """Last data, or when waiting for it began."""
        self._flowing_since = 0.0

    def start(self, now: float) -> None:
        """A connection subscribes: wait for its data from here."""
        self._since = self._flowing_since = now

    def data(self, now: float) -> None:
        """Messages arrived."""
        self._gaps.append(now - self._since)
        self._since = now

    def silence(self, now: float) -> float | None:
        """To be asked when a read brought nothing: how long data has been missing if that is too long, else None."""
        if not self._expected():
            self._since = now
            return None
        if self._since - self._flowing_since >= self._deadlines.data_again:
            self._floor = self._deadlines.data
        gap = median(self._gaps) if self._gaps else 0.0
        silent = now - self._since
        if silent <= max(self._floor, self._TIMES_USUAL_GAP * gap):
            return None
        self._floor = self._deadlines.data_again
        return silent
