"""loguru, with the standard logging routed into it; no secret and no forged line gets past this module."""

import contextlib
import logging
import os
import sys
import threading
import traceback
from datetime import datetime, timedelta
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from loguru import logger

from errors import StorageError
from market.clock import IST
from redaction import Redactor, one_line

if TYPE_CHECKING:
    from loguru import Record, RecordException

_READ, _SPARE, _SHOWN = 64_000, 2_000, 8_000
"""Characters of a message that are looked at, left out at its end when it is cut there, and written.

A broker's or a file's text may be of any length; half a secret could stand where it was cut.
"""
_SCREEN_LINE = "{time:HH:mm:ss} {level: <7} {message}"
_FILE_LINE = "{time:YYYY-MM-DDTHH:mm:ss.SSS}+05:30 {level: <7} {message}"
_FILE_BYTES = 20_000_000
_FILES_KEPT = 5

_SHOWN_AGAIN_AFTER = timedelta(hours=1)
_MOST_REMEMBERED = 500

_redactor = Redactor()
_shown_at: dict[tuple[object, ...], datetime] = {}
"""When each kind of exception was last shown with its traceback."""


def start_logging(level: str, file: Path | None) -> None:
    """Log to the terminal's error stream, and to `file` (mode 0600, rotated by size) if there is one.

    Alerts go to the standard output; each line of either is one write, so they never tear each other.

    Raises: StorageError when the file cannot be written.
    """
    logger.remove()
    logger.configure(patcher=_make_safe)
    # diagnose would print the values of variables, tokens among them.
    logger.add(_to_error_stream, level=level, format=_SCREEN_LINE, backtrace=False, diagnose=False)
    if file is not None:
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            sink = _PrivateFile(file)
        except OSError as error:
            raise StorageError(f"log file {file}: {error.strerror}") from error
        logger.add(sink, level=level, format=_FILE_LINE, backtrace=False, diagnose=False)
    # Libraries print addresses with their tokens at DEBUG and INFO, so those levels stay off whatever ours is.
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)
    threading.excepthook = _thread_died
    sys.excepthook = _process_died


def register_secret(secret: str) -> None:
    """Never show this text, nor, of an address, the keys in it; to be called wherever a secret is read."""
    _redactor.register(secret)


def redact(text: str) -> str:
    """The text without secrets, for what leaves the process by another way than the log."""
    return _redactor.redact(text)


def _make_safe(record: "Record") -> None:
    """Turn a record into one clean message before any sink sees it."""
    text = _clean(record["message"])
    if record["extra"]:
        text += " [" + " ".join(f"{key}={_clean(str(value))}" for key, value in record["extra"].items()) + "]"
    if (exception := record["exception"]) is not None:
        whole = _is_news(exception, record["time"])
        shown = traceback.format_exception(*exception) if whole else traceback.format_exception_only(*exception[:2])
        trace = "".join(shown).rstrip("\n")
        # The bar at the left keeps a line of an exception's text from passing as a line of the log.
        text += "".join(f"\n    | {_clean(line)}" for line in trace.split("\n"))
    record["message"] = text
    record["exception"] = None
    record["extra"] = {}
    record["time"] = record["time"].astimezone(IST)


def _is_news(exception: "RecordException", at: datetime) -> bool:
    """Whether the last hour showed no traceback of such an exception: of its kind, raised on the same line.

    What fails for one symbol may fail for two thousand.
    """
    where = exception.traceback
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    key = (exception.type, where and where.tb_frame.f_code, where and where.tb_lineno)
    if key in _shown_at and at - _shown_at[key] < _SHOWN_AGAIN_AFTER:
        return False
    if len(_shown_at) >= _MOST_REMEMBERED:
        _shown_at.clear()
    _shown_at[key] = at
    return True


def _clean(text: str) -> str:
    clean = one_line(redact(text[:_READ]))
    if len(text) > _READ:
        clean = clean[:-_SPARE]
    return clean if len(clean) <= _SHOWN and len(text) <= _READ else f"{clean[:_SHOWN]}… ({len(text)} characters)"


def _to_error_stream(message: str) -> None:
    # The stream is looked up each time: rich replaces it while it shows a progress bar, so that both stay whole.
    # A closed or broken one is left alone: there is nowhere to say so, and loguru would print the bare exception.
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(message)


class _PrivateFile(RotatingFileHandler):
    """The log file: readable by its owner alone, and a full disk does not stop the program."""

    def __init__(self, path: Path) -> None:
        self._failing = False
        super().__init__(path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT)

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if os.name != "nt":
            os.fchmod(descriptor, 0o600)  # the file may be an older one
        return TextIOWrapper(os.fdopen(descriptor, "ab"), encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        self._failing, failed = False, self._failing
        super().emit(record)
        if self._failing and not failed:
            _to_error_stream("the log file cannot be written; the log goes on here\n")

    def close(self) -> None:
        # What a full disk did not take is still in the stream, and closing it tries once more.
        with contextlib.suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's own name
        self._failing = True


class _ToLoguru(logging.Handler):
    """What pykka, apprise, urllib3 and websocket-client log."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):
            text = str(record.msg)  # a malformed call; its arguments are lost, its text is not
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        logger.opt(exception=record.exc_info).log(level, "{}: {}", record.name, text)


def _thread_died(death: threading.ExceptHookArgs) -> None:
    name = death.thread.name if death.thread else "unknown"
    logger.opt(exception=(death.exc_type, death.exc_value, death.exc_traceback)).error("thread {} died", name)


def _process_died(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, value, trace)
        return
    logger.opt(exception=(kind, value, trace)).critical("the program died")
