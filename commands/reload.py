"""`run.py reload`: the running program reads its settings again and goes on by them."""

import json
from http import HTTPStatus
from pathlib import Path

from control.client import ask
from errors import CredentialsError, SettingsError, SignalsError, UnavailableError
from logs import start_logging
from settings.loader import load

PATIENCE_S = 600.0
"""Thousands of symbols may have to read days of their past."""
STAYS = "the running program keeps its old settings"


def reload(config: Path) -> int:
    """Print what has changed. Raises: SettingsError with all faults, when nothing has; UnavailableError."""
    start_logging("WARNING", None)
    try:
        directory = load(config).state_directory
    except SettingsError as error:
        raise SettingsError([*error.faults, STAYS]) from error
    reply = ask(directory, "/reload", "POST", PATIENCE_S)
    if reply.status == HTTPStatus.OK:
        for line in json.loads(reply.text)["changes"]:
            print(line)
        return 0
    raise _refusal(reply.error, json.loads(reply.text).get("exit_code"))


def _refusal(why: str, exit_code: object) -> SignalsError:
    if exit_code == SettingsError.exit_code:
        return SettingsError([why, STAYS])
    if exit_code == CredentialsError.exit_code:
        return CredentialsError(f"{why}\n{STAYS}")
    return UnavailableError(f"{why}; {STAYS}")
