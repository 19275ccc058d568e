"""Hears what the other side answered while a library that only says yes or no was sending.

Apprise keeps an HTTP status and a `retry_after` to itself. Its plugins run in our own thread and all go through
`requests.Session.send` or `smtplib.SMTP.getreply`, so those two are wrapped once, when this module is loaded; the
wrapper notes the answer for the thread that listens and changes nothing for anybody.
"""

import json
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from delivery.retry import Reply
from logs import redact
from redaction import one_line

_LONGEST_TEXT = 160
_here = threading.local()
_send = requests.Session.send
_getreply = smtplib.SMTP.getreply


@contextmanager
def listening() -> Iterator[list[Reply]]:
    """Within it, every bad or broken answer that this thread gets is added to the list; good ones too for SMTP."""
    heard: list[Reply] = []
    _here.heard = heard
    try:
        yield heard
    finally:
        _here.heard = None


def http_reply(response: requests.Response) -> Reply:
    """What a response says about sending again."""
    content = _json(response)
    return Reply("http", response.status_code, _words(content, response), _retry_after_s(content, response))


def broken(error: requests.RequestException) -> Reply:
    """A line that broke; of the error only its kind is kept, for its text holds the address with its keys."""
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    never_left = isinstance(reason, NewConnectionError | ConnectTimeoutError) or isinstance(
        error, requests.ConnectTimeout
    )
    text = "cannot connect" if never_left else f"the connection broke ({type(error).__name__})"
    return Reply("http", 0, text, left_us=not never_left)


def _heard_send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
    heard: list[Reply] | None = getattr(_here, "heard", None)
    try:
        response = _send(session, request, **options)
    except requests.RequestException as error:
        if heard is not None:
            heard.append(broken(error))
        raise
    if heard is not None:
        heard.append(http_reply(response))
    return response


def _heard_getreply(server: smtplib.SMTP) -> tuple[int, bytes]:
    code, text = _getreply(server)
    heard: list[Reply] | None = getattr(_here, "heard", None)
    # The farewell after a refusal says nothing about it.
    if heard is not None and code != 221:
        heard.append(Reply("smtp", code, _short(text.decode(errors="replace")) if code >= 400 else ""))
    return code, text


requests.Session.send = _heard_send  # type: ignore[assignment]
smtplib.SMTP.getreply = _heard_getreply  # type: ignore[assignment]


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        content = json.loads(response.content)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _words(content: dict[str, Any], response: requests.Response) -> str:
    """The server's own sentence if it has one: Telegram's description, Slack's error, or a short plain text."""
    for key in ("description", "error", "message", "detail"):
        if isinstance(content.get(key), str):
            return _short(content[key])
    if not content and response.headers.get("content-type", "").startswith("text/plain"):
        return _short(response.text)
    return _short(response.reason or "")


def _short(text: str) -> str:
    return redact(one_line(" ".join(text.split())))[:_LONGEST_TEXT]


def _retry_after_s(content: dict[str, Any], response: requests.Response) -> float | None:
    """From Telegram's `parameters`, else a `retry_after` of the body, else the header when it counts seconds."""
    parameters = content.get("parameters")
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else content.get("retry_after")
    for value in (asked, response.headers.get("retry-after")):
        try:
            return float(value)  # type: ignore[arg-type] # whatever it is, it is a number or it is not
        except (TypeError, ValueError):
            continue
    return None
