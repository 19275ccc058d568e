"""One connection, one request: who may ask, how long it may take and how large it may be."""

import hmac
import io
import json
import re
import time
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from loguru import logger

from control.routes import Answer, refusal
from logs import redact
from settings.secrets import Secret

TIMEOUT_S = 5.0
"""For the whole request to arrive, and again for the whole answer to be taken."""
LARGEST_REQUEST = 8 * 1024
"""Bytes of request line and headers."""
LARGEST_ANSWER = 1024 * 1024
"""Bytes of the body."""
_END = b"\r\n\r\n"
_OUR_NAMES = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d{1,5})?", re.IGNORECASE)


def denied(headers: "Message[str, str]", token: Secret) -> Answer | None:
    """Why this request is not answered; None when it may be.

    The name it was sent to comes first: a web page that made its own name lead here must not learn anything.
    """
    hosts = headers.get_all("Host") or [""]
    if len(hosts) != 1 or not _OUR_NAMES.fullmatch(hosts[0].strip()):
        return refusal(HTTPStatus.FORBIDDEN, "only 127.0.0.1 and localhost are served")
    given = headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {token.reveal()}".encode()):
        return refusal(HTTPStatus.UNAUTHORIZED, "the token of control.json is needed: Authorization: Bearer ...")
    return None


class Request(BaseHTTPRequestHandler):
    """Reads the head within limits, answers, closes; the answer leaves in one write."""

    def __init__(self, token: Secret, answer: Callable[[str, str], Answer], *connection: Any) -> None:
        self._token, self._answer = token, answer
        super().__init__(*connection)

    def setup(self) -> None:
        self.connection = self.request
        self.rfile = io.BytesIO()
        self.wfile = io.BytesIO()
        self.command, self.request_version, self.requestline = "", "HTTP/1.0", ""

    def handle(self) -> None:
        head = self._read_head()
        if head is None:
            return
        self.rfile = io.BytesIO(head)
        self.raw_requestline = self.rfile.readline(LARGEST_REQUEST)
        if not self.parse_request():
            return
        answer = denied(self.headers, self._token)
        if answer is None:
            try:
                answer = self._answer(self.command, self.path)
            except Exception:
                self._reply(refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "the answer failed; see the log"))
                raise
        self._reply(answer)

    def finish(self) -> None:
        try:
            self.connection.settimeout(TIMEOUT_S)  # of a sendall as a whole
            self.connection.sendall(self.wfile.getvalue())  # type: ignore[attr-defined] # setup made it
        except OSError as error:
            logger.debug("control: the answer was not taken: {}", error)

    def version_string(self) -> str:
        return "Bellwether"

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        self._reply(refusal(HTTPStatus(code), message or HTTPStatus(code).phrase))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own word
        logger.debug("control: {}", format % args)

    def _read_head(self) -> bytes | None:
        """Request line and headers; None when there is nothing to parse, refused if need be."""
        deadline = time.monotonic() + TIMEOUT_S
        head = b""
        try:
            while _END not in head:
                if len(head) > LARGEST_REQUEST:
                    break
                self.connection.settimeout(max(0.001, deadline - time.monotonic()))
                more = self.connection.recv(4096)
                if not more:
                    return None
                head += more
        except TimeoutError:
            self._reply(refusal(HTTPStatus.REQUEST_TIMEOUT, "the request did not arrive in time"))
            return None
        except OSError as error:
            logger.debug("control: the connection broke: {}", error)
            return None
        head = head.partition(_END)[0] + _END
        if len(head) > LARGEST_REQUEST:
            self._reply(refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request is too large"))
            return None
        return head

    def _reply(self, answer: Answer) -> None:
        body = _encoded(answer)
        if len(body) > LARGEST_ANSWER:
            answer = refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "the answer is too large")
            body = _encoded(answer)
        body = redact(body.decode()).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", answer.allow)
        self.end_headers()
        self.wfile.write(body)


def _encoded(answer: Answer) -> bytes:
    return json.dumps(answer.value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
