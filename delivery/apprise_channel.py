"""Destinations that Apprise reaches: Telegram, e-mail, Slack and a hundred more, each one address."""

import logging
from collections.abc import Sequence
from typing import Any

import apprise
from apprise.plugins.custom_json import NotifyJSON

from delivery.alert import Alert, Announcement
from delivery.destination import Destination, Manners
from delivery.message import LINES_IN_DIGEST, Message, announced, compose, digest
from delivery.replies import listening
from delivery.retry import SENT, Outcome, failed
from delivery.webhook import WebhookDestination
from errors import SettingsError
from logs import register_secret

# At DEBUG Apprise prints Telegram's address with the bot's token.
logging.getLogger("apprise").setLevel(logging.ERROR)

# One thread for each channel is ours already, and so are deadline, pace and retry.
_ASSET = apprise.AppriseAsset(app_id="Bellwether", service_timeout=0, async_mode=False)


def _for_people(per_minute: int) -> Manners:
    return Manners(LINES_IN_DIGEST, 5, exits_first=True, gather_s=1.5, spacing_s=1.0, per_minute=per_minute)


# Telegram allows about one message a second and twenty a minute in a group; who is not listed is asked no more.
_MANNERS = {"mailto": _for_people(10), "mailtos": _for_people(10), "slack": _for_people(30)}
_OTHERS = _for_people(15)


def apprise_destination(channel: str, url: str) -> Destination:
    """What an Apprise address leads to; a JSON webhook is posted to directly.

    Raises: SettingsError, which does not show the address.
    """
    register_secret(url)
    # What people read carries no advertisement and no picture; pages are ours, splitting is only a net below them.
    complete = url + ("&" if "?" in url else "?") + "footer=no&image=no&overflow=split"
    service = apprise.Apprise.instantiate(complete, asset=_ASSET)
    if service is None:
        raise SettingsError([f"channel {channel}: its address is none that Apprise knows; see its page on the service"])
    service.retry = 0
    service.request_rate_per_sec = 0
    if len(service) > 1:
        raise SettingsError([f"channel {channel}: its address has {len(service)} recipients; make a channel for each"])
    if isinstance(service, NotifyJSON):
        return WebhookDestination(channel, service)
    return AppriseDestination(service, _MANNERS.get(url.partition("://")[0].lower(), _OTHERS))


class AppriseDestination:
    """One service for people, called directly in the caller's thread: there Apprise adds no pool and no retry."""

    def __init__(self, service: Any, manners: Manners) -> None:
        self.manners = manners
        self._service = service
        formats = service.notify_format
        first = formats[0] if isinstance(formats, tuple) else formats
        # Only where HTML is the service's own: elsewhere Apprise turns it into markup that shows `ema\_vwap`.
        self._takes_html = first == apprise.NotifyFormat.HTML
        self._has_title = service.title_maxlen > 0

    def send(self, alerts: Sequence[Alert], following: int) -> Outcome:
        single = len(alerts) == 1 and not alerts[0].overdue
        return self._notify(compose(alerts[0]) if single else digest(alerts, following))

    def announce(self, announcement: Announcement) -> Outcome:
        return self._notify(announced(announcement))

    def _notify(self, message: Message) -> Outcome:
        body = message.html if self._takes_html else (message.details if self._has_title else message.text)
        with listening() as heard:
            arrived = self._service.notify(
                body=body,
                title=message.subject if self._has_title else "",
                notify_type=apprise.NotifyType.INFO,
                body_format=apprise.NotifyFormat.HTML if self._takes_html else apprise.NotifyFormat.TEXT,
            )
        return SENT if arrived is True else failed(heard)
