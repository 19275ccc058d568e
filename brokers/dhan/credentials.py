"""Who we are to Dhan, read anew each time: a token lives a day and may be replaced while we run."""

from dataclasses import dataclass

from settings.schema import Dhan
from settings.secrets import Secret, from_file, from_variable


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a connection shows the server."""

    client_id: Secret
    access_token: Secret


def read_credentials(settings: Dhan) -> Credentials:
    """The credentials as they are now. Raises: CredentialsError."""
    file = settings.access_token_file
    token = from_file(file) if file is not None else from_variable(settings.access_token_env)
    return Credentials(from_variable(settings.client_id_env), token)
