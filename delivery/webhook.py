"""A JSON webhook: the signal record, word for word, posted to an address.

Apprise's own json:// can rename its five fixed keys and add texts, but never nest: `conditions`, numbers and the schema
would be lost. So its address is read by Apprise, and the record is posted here.
"""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import requests

from delivery.alert import Alert, Announcement
from delivery.destination import Manners
from delivery.replies import broken, http_reply
from delivery.retry import SENT, Outcome, failed
from errors import SettingsError

_TIMEOUT_S = (4.0, 10.0)
"""To connect, and between two pieces of the answer."""


class WebhookDestination:
    """One record in one request; the fingerprint is the idempotency key, so a repeat can be recognised."""

    manners = Manners(together=1)

    def __init__(self, channel: str, service: Any) -> None:
        """`service` is Apprise's reading of json:// or jsons://. Raises: SettingsError when it is not encrypted."""
        if not service.secure and not _is_loopback(service.host):
            raise SettingsError([f"channel {channel}: json:// to another machine is readable on the way; use jsons://"])
        host = f"[{service.host}]" if ":" in service.host else service.host
        port = f":{service.port}" if service.port else ""
        self._url = f"{'https' if service.secure else 'http'}://{host}{port}{service.fullpath}"
        self._method = service.method
        self._parameters = dict(service.params)
        self._headers = {"Content-Type": "application/json", "User-Agent": "Bellwether", **service.headers}
        self._login = (service.user, service.password or "") if service.user else None
        self._verify = service.verify_certificate

    def send(self, alerts: Sequence[Alert], following: int) -> Outcome:  # noqa: ARG002 - they are posted next
        (alert,) = alerts
        return self._post(alert.transition.id, alert.record, repeat=alert.repeat)

    def announce(self, announcement: Announcement) -> Outcome:
        return self._post(announcement.notice.id, announcement.record, repeat=announcement.repeat)

    def _post(self, key: str, record: str, *, repeat: bool) -> Outcome:
        headers = {**self._headers, "Idempotency-Key": key}
        if repeat:
            headers["Possible-Repeat"] = "true"
        try:
            response = requests.request(
                self._method,
                self._url,
                data=record.encode(),
                params=self._parameters,
                headers=headers,
                auth=self._login,
                verify=self._verify,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return failed([broken(error)])
        return SENT if response.ok and not response.is_redirect else failed([http_reply(response)])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
