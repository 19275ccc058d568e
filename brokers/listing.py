"""An instrument at a broker."""

from dataclasses import dataclass

from market.instrument import Instrument


@dataclass(frozen=True, slots=True)
class Listing:
    """Where a broker lists an instrument: a symbol is ours, the ids are the broker's."""

    instrument: Instrument
    segment: int
    """The broker's exchange segment as it stands in packets."""
    security_id: int
    """Unique only within the segment."""

    @property
    def key(self) -> int:
        """Segment and id in one integer, as ticks carry it."""
        return self.segment << 32 | self.security_id
