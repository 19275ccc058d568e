"""When an access token ends, as the token itself says."""

import base64
import json

_LATEST_S = 253_402_300_799  # the last second of the year 9999


def token_expiry_ms(token: str) -> int | None:
    """The `exp` claim of a JSON web token in epoch milliseconds UTC; None when it is no such token or says nothing.

    No key is needed and nothing is proved: the broker decides whether the token is good.

    Source: RFC 7519, sections 3 and 4.1.4.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    expiry = claims.get("exp") if isinstance(claims, dict) else None
    if isinstance(expiry, bool) or not isinstance(expiry, int | float) or not 0 < expiry <= _LATEST_S:
        return None
    return int(expiry) * 1000
