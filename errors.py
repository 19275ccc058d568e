"""Everything this program raises on purpose: who, what, and the evidence."""


class SignalsError(Exception):
    """Base of all our exceptions; `exit_code` is what the process returns if nothing handles it."""

    exit_code = 70


class SettingsError(SignalsError):
    """The configuration cannot be used; `faults` holds one readable line for each mistake."""

    exit_code = 78

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class CredentialsError(SignalsError):
    """A token, client id or channel address is missing, or its file can be read by others."""

    exit_code = 77


class StorageError(SignalsError):
    """The state directory or the database cannot be used."""

    exit_code = 73


class BusyError(SignalsError):
    """Something this run needs is held by another process: a port or the state directory."""

    exit_code = 75


class UnavailableError(SignalsError):
    """Something on the network that this run cannot start without does not answer; a later try may succeed."""

    exit_code = 75


class MissingLibraryError(SignalsError):
    """A library that is an extra is not installed; the message says how to get it."""

    exit_code = 69


class InputError(SignalsError):
    """A file given by the user cannot be read as what it should be."""

    exit_code = 65
