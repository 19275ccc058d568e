"""The end of a process one of whose threads hangs."""

import faulthandler
import os
import sys
from collections.abc import Sequence

EXIT_CODE = 71


def end_hung(names: Sequence[str]) -> None:
    """Threads of these names hang and cannot be killed: the supervisor must start the process anew."""
    sys.stderr.write(f"{', '.join(names)}: no progress for 10 s; ending with exit code {EXIT_CODE}\n")
    faulthandler.dump_traceback(all_threads=True)
    os._exit(EXIT_CODE)
