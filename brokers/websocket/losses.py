"""Why there is no connection, or none any more. No text here holds an address, a header or a server's page."""

import ssl
from collections.abc import Mapping

from brokers.broker import Ending, Remedy
from errors import SignalsError


class LostError(SignalsError):
    """The connection is over, or never came about."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.detail)
        self.ending = ending


class RefusedError(SignalsError):
    """The server answered the handshake with an HTTP status instead of the upgrade."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"HTTP {status} instead of the upgrade")
        self.status = status
        self.headers = headers
        """Names in small letters. Not to be shown: a server may echo what it was sent."""


def lost(detail: str, error: Exception | None = None) -> LostError:
    """A loss that is worth another try."""
    return LostError(Ending(Remedy.RETRY, f"{detail}: {reason(error)}" if error else detail))


def reason(error: Exception) -> str:
    """What went wrong, without anything that the other side or the address could have put there."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or type(error).__name__})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
