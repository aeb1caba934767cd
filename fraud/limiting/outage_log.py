"""Says once in the log that a server went away and why, and once that it is back."""

import logging
import threading
from typing import Final

_log: Final = logging.getLogger(__name__)
LONGEST: Final = 300


class OutageLog:
    """One server's outages as one part of the program sees them.

    Only the kind of the error and its first line are written: what the server or the connection said of itself.

    Parameters
    ----------
    used_for
        What the part uses the server for.
    """

    def __init__(self, used_for: str) -> None:
        self._used_for = used_for
        self._away = False
        self._lock = threading.Lock()

    def failed(self, error: BaseException) -> None:
        """Note that a call failed; the first after one that worked is written."""
        with self._lock:
            if self._away:
                return
            self._away = True
        said = str(error).partition("\n")[0][:LONGEST]
        _log.warning("Valkey does not answer for %s: %s: %s", self._used_for, type(error).__name__, said)

    def worked(self) -> None:
        """Note that a call worked; the first after one that failed is written."""
        if not self._away:
            return
        with self._lock:
            was_away, self._away = self._away, False
        if was_away:
            _log.warning("Valkey answers again for %s", self._used_for)
