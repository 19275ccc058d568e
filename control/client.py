"""Asks the running program."""

import http.client
import json
from dataclasses import dataclass
from pathlib import Path

from control import address
from control.address import LOOPBACK
from errors import UnavailableError

_TIMEOUT_S = 10.0
_LARGEST = 2 * 1024 * 1024
_START = "start it first: python run.py"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP status and the JSON text that came with it."""

    status: int
    text: str

    @property
    def error(self) -> str:
        """Why it was refused, in the program's own words."""
        return str(json.loads(self.text).get("error", self.status))


def ask(directory: Path, target: str, method: str = "GET", timeout_s: float = _TIMEOUT_S) -> Reply:
    """What the program of this state directory answers to `/health`, `/debug?symbol=...` and so on.

    Raises: UnavailableError when none is running there or it does not answer.
    """
    where = address.read(directory)
    if where is None:
        raise UnavailableError(f"nothing is running on {directory}; {_START}")
    gone = UnavailableError(f"process {where.pid}, which {directory / address.FILE} speaks of, is gone; {_START}")
    connection = http.client.HTTPConnection(LOOPBACK, where.port, timeout=timeout_s)
    try:
        connection.request(method, target, headers={"Authorization": f"Bearer {where.token}"})
        with connection.getresponse() as response:
            if response.length is None or response.length > _LARGEST:
                raise gone  # ours always says how much it sends
            reply = Reply(response.status, response.read().decode("utf-8"))
        json.loads(reply.text)
    except TimeoutError as error:
        raise UnavailableError(f"process {where.pid} is too busy to answer; try again") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise gone from error
    finally:
        connection.close()
    if reply.status == http.client.UNAUTHORIZED:
        raise gone  # another program has the port now
    return reply
