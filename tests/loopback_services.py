"""Real servers on this machine that speak enough of Telegram, Slack, a webhook and e-mail for a test."""

import email
import email.policy
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller

WAIT_S = 20.0
TELEGRAM_LIMIT = 4096


class Answer:
    """What the service says next, in place of its usual answer."""

    def __init__(self, status: int, body: bytes = b"", hold: threading.Event | None = None, **headers: str) -> None:
        self.status = status
        self.body = body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.hold = hold
        """Nothing is answered until it is set."""


class Request:
    """One post, as it came."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path = path
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpService:
    """Keeps what it is sent; answers as `answers` says while there are any, then as the service would."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: deque[Answer] = deque()
        self._changed = threading.Condition()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = service.take(Request(self.path, headers, body))
                if answer.hold is not None:
                    answer.hold.wait(WAIT_S)
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                except ConnectionError:
                    self.close_connection = True  # whoever asked is gone; that is what some tests are about

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True, name="service")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, request: Request) -> Answer:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
            return self.answers.popleft() if self.answers else self.usual(request)

    def usual(self, request: Request) -> Answer:
        """What the service answers when all is well with it."""
        return Answer(200)

    def wait_for(self, number: int) -> list[Request]:
        """Block until so many requests have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= number, WAIT_S), f"only {len(self.requests)}"
            return list(self.requests)


class Telegram(HttpService):
    """`sendMessage`, as strict about HTML and length as the real one."""

    def usual(self, request: Request) -> Answer:
        text = request.json["text"]
        fault = telegram_html_fault(text)
        if len(text) > TELEGRAM_LIMIT:
            fault = "message is too long"
        if fault:
            return Answer(
                400, json.dumps({"ok": False, "error_code": 400, "description": f"Bad Request: {fault}"}).encode()
            )
        return Answer(200, b'{"ok": true, "result": {"message_id": 7}}', Content_Type="application/json")


class Slack(HttpService):
    """An incoming webhook."""

    def usual(self, request: Request) -> Answer:
        return Answer(200, b"ok", Content_Type="text/html")


class HtmlReader(HTMLParser):
    """Its text, every tag, and whether each was closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.fault: str | None = None
        self._open: list[str] = []
        self.feed(html)
        self.close()
        if self._open:
            self.fault = f"{self._open} never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "br":
            self.text += "\n"
        else:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "br":
            return
        if not self._open or self._open.pop() != tag:
            self.fault = f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.fault = "a comment"

    def handle_decl(self, decl: str) -> None:
        self.fault = "a declaration"


def telegram_html_fault(text: str) -> str | None:
    """Why Telegram would refuse it: an unknown or unbalanced tag, or an `&` that begins nothing."""
    reader = HtmlReader(text)
    unknown = set(reader.tags) - {"b", "i", "u", "s", "code", "pre", "a"}
    if unknown:
        return f"can't parse entities: unsupported tag {unknown}"
    for piece in text.split("&")[1:]:
        if not piece.startswith(("amp;", "lt;", "gt;", "quot;", "#")):
            return "can't parse entities: bare &"
    return reader.fault


class Mailbox:
    """An SMTP server's side: keeps each mail, or refuses as told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals: deque[str] = deque()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        if self.refusals:
            return self.refusals.popleft()
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"


class LoopbackController(Controller):  # type: ignore[misc] # aiosmtpd has no types
    """On a port that the system chooses, which aiosmtpd's own start-up probe does not expect."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[str]:
    """Serve a mailbox; the value is `host:port`."""
    controller = LoopbackController(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()
