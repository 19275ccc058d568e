"""Each case is a program of its own: logging belongs to the whole process."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
TOKEN = "eyJhbGciOiJIUzUxMiJ9.eyJkaGFuIjoiMSJ9.c2lnbmF0dXJlMTIz"
PASSWORD = "hunter22/&x"
START = f"""
import logging, sys, threading
from pathlib import Path
from loguru import logger
from logs import register_secret, start_logging
register_secret({PASSWORD!r})
"""
LINE = re.compile(r"\d\d:\d\d:\d\d [A-Z]+ +\S.*")


def run(program: str) -> subprocess.CompletedProcess[str]:
    code = START + textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, timeout=60, check=False
    )


def lines(program: str) -> list[str]:
    return run(program).stderr.splitlines()


def test_a_line_is_the_time_the_level_and_what_happened() -> None:
    (line,) = lines("start_logging('INFO', None); logger.info('feed {} streams', 'dhan-1'); logger.debug('no')")
    assert LINE.fullmatch(line)
    assert line.endswith("INFO    feed dhan-1 streams")


def test_logs_leave_the_standard_output_to_the_alerts() -> None:
    ended = run("start_logging('DEBUG', None); logger.error('x'); print('alert')")
    assert ended.stdout == "alert\n"


def test_bound_fields_are_shown_and_cannot_forge_a_line() -> None:
    program = (
        "start_logging('INFO', None); logger.bind(symbol='NSE:X\\n10:00:00 ERROR y').info('bar {}', '\\x1b[2J\\r')"
    )
    (line,) = lines(program)
    assert line.endswith(r"bar \x1b[2J\r [symbol=NSE:X\n10:00:00 ERROR y]")


def test_a_line_of_an_exceptions_text_cannot_pass_as_a_line_of_the_log() -> None:
    shown = lines(
        """
        start_logging("INFO", None)
        try:
            raise ValueError("x\\n10:00:00 ERROR   forged")
        except ValueError:
            logger.exception("bad frame")
        """
    )
    assert [line for line in shown if LINE.fullmatch(line)] == [shown[0]]
    assert shown[-1] == "    | 10:00:00 ERROR   forged"


def test_the_standard_logging_comes_out_in_our_form() -> None:
    shown = lines(
        """
        start_logging("DEBUG", None)
        for name in ("pykka", "apprise", "urllib3.connectionpool", "websocket"):
            logging.getLogger(name).warning("%s is %s", name, "slow")
            logging.getLogger(name).debug("with details")
        logging.getLogger("pykka").error("%d of %d", "one")
        """
    )
    assert [line[9:] for line in shown] == [
        "WARNING pykka: pykka is slow",
        "WARNING apprise: apprise is slow",
        "WARNING urllib3.connectionpool: urllib3.connectionpool is slow",
        "WARNING websocket: websocket is slow",
        "ERROR   pykka: %d of %d",
    ]


def test_the_death_of_an_actor_is_told_with_its_trace() -> None:
    shown = lines(
        """
        import pykka
        class Fragile(pykka.ThreadingActor):
            def on_receive(self, message):
                raise KeyError(message)
        start_logging("INFO", None)
        actor = Fragile.start()
        actor.tell("NSE:TCS")
        actor.actor_stopped.wait(10)
        """
    )
    assert "ERROR   pykka: Unhandled exception in Fragile" in shown[0]
    assert shown[-1] == "    | KeyError: 'NSE:TCS'"


def test_no_canary_gets_out_whatever_goes_wrong(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "bellwether.log"
    ended = run(
        f"""
        token, password = {TOKEN!r}, {PASSWORD!r}
        start_logging("DEBUG", Path({str(log)!r}))
        class Odd:
            def __str__(self):
                return "odd " + token
        logger.info("{{}} {{}}", token, password)
        logger.bind(token=token, odd=Odd()).warning("bound")
        logging.getLogger("urllib3").error("GET /?token=%s", token)
        logging.getLogger("urllib3").error("%d", token)
        def fail():
            local = token
            raise RuntimeError("refused " + local) from ValueError(password)
        try:
            fail()
        except RuntimeError as error:
            logger.exception("connect")
            logger.opt(exception=error).error("again")
        logger.info("x" * 63_990 + token)
        thread = threading.Thread(target=fail, name="reader")
        thread.start()
        thread.join()
        fail()
        """
    )
    everything = ended.stdout + ended.stderr + log.read_text()
    assert everything.count("refused ***") == 2 * 4
    assert "thread reader died" in everything
    assert "the program died" in everything
    for canary in (TOKEN, PASSWORD, "hunter22", "c2lnbmF0dXJlMTIz", "eyJ"):
        assert canary not in everything


def test_the_file_is_private_even_when_an_older_one_was_not(tmp_path: Path) -> None:
    log = tmp_path / "bellwether.log"
    log.write_text("old\n")
    log.chmod(0o644)
    run(f"start_logging('INFO', Path({str(log)!r})); logger.info('new')")
    assert log.stat().st_mode & 0o777 == 0o600
    old, new = log.read_text().splitlines()
    assert old == "old"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+05:30 INFO    new", new)


def test_the_file_is_rotated_and_few_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "bellwether.log"
    run(
        f"import logs; logs._FILE_BYTES = 1000; start_logging('INFO', Path({str(log)!r}))\n"
        "for i in range(200): logger.info('line {}', i)"
    )
    files = sorted(tmp_path.iterdir())
    assert len(files) == 6
    assert all(file.stat().st_size <= 1000 and file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert "line 199" in log.read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_once_and_stops_nothing() -> None:
    ended = run(
        f"""
        start_logging("INFO", Path("/dev/full"))
        try:
            raise ValueError({TOKEN!r})
        except ValueError:
            logger.exception("one")
            logger.info("two")
        """
    )
    assert ended.returncode == 0
    assert ended.stderr.count("the log file cannot be written") == 1
    assert "INFO    two" in ended.stderr
    assert TOKEN not in ended.stderr


def test_a_closed_error_stream_stops_nothing() -> None:
    ended = run("start_logging('INFO', None); sys.stderr.close(); logger.info('x'); print('still here')")
    assert ended.stdout == "still here\n"


def test_a_file_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    ended = run(
        f"""
        from errors import StorageError
        try:
            start_logging("INFO", Path({str(tmp_path)!r}))
        except StorageError as error:
            print(error)
        """
    )
    assert ended.stdout == f"log file {tmp_path}: Is a directory\n"
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_under_the_log_file_is_told_once_and_the_program_ends_in_order() -> None:
    ended = run("start_logging('INFO', Path('/dev/full')); logger.info('one'); logger.info('two')")
    assert ended.returncode == 0
    assert [line[9:] for line in ended.stderr.splitlines() if "log file" not in line] == [
        "INFO    one",
        "INFO    two",
    ]
    assert ended.stderr.count("the log file cannot be written") == 1


def test_an_exception_that_comes_again_and_again_shows_its_traceback_once() -> None:
    shown = lines(
        """
        start_logging("INFO", None)
        for symbol in ("NSE:A", "NSE:B", "NSE:C"):
            try:
                int(symbol)
            except ValueError:
                logger.exception("{} failed", symbol)
        try:
            float("x")
        except ValueError:
            logger.exception("another line failed")
        """
    )
    assert [line[9:] for line in shown if LINE.fullmatch(line)] == [
        "ERROR   NSE:A failed",
        "ERROR   NSE:B failed",
        "ERROR   NSE:C failed",
        "ERROR   another line failed",
    ]
    assert sum("Traceback" in line for line in shown) == 2
    assert sum("invalid literal for int" in line for line in shown) == 3
