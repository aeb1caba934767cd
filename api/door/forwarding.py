"""Whether a proxy is missing in the settings: addresses are passed on from where none is believed, call after call.

Then everybody behind that proxy is one network, shares the limits of one, and waits in its line.
"""

import time
from typing import Final

import structlog

_log = structlog.get_logger("mawid.door")

CALLS: Final = 200
"""Calls that are looked at together: a client that makes such a header up is one of many."""
_REPEAT_SECONDS: Final = 3_600


class Forwarding:
    """What this process sees of it. ``not_believed`` is true where most of the last calls were passed on like that."""

    def __init__(self) -> None:
        self.not_believed = False
        self._seen = self._unread = 0
        self._silent_until = 0.0

    def note(self, *, unread: bool) -> None:
        """Count a call by whether it brought an address that was not read; nothing of the address is kept."""
        self._seen += 1
        self._unread += unread
        if self._seen < CALLS:
            return
        self.not_believed = 2 * self._unread > self._seen
        now = time.monotonic()
        if self.not_believed and now >= self._silent_until:
            self._silent_until = now + _REPEAT_SECONDS
            _log.warning("proxy_not_trusted", setting="MAWID_TRUSTED_PROXIES", calls=self._unread, of=self._seen)
        self._seen = self._unread = 0
