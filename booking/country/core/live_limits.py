"""The active rate limits, read from the database every few seconds, so that a new version holds without a restart."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import select

from booking.platform.base.db import Sessions
from booking.platform.models import LimitSetVersion
from fraud.limiting.limiter import Limiter
from fraud.limiting.limits import PolicyError
from fraud.limiting.text import default_limits, parse_limits

LOOK_EVERY_SECONDS: Final = 5.0
_log = structlog.get_logger("mawid.limits")


class LiveLimits:
    """Keeps a limiter on the active version; on the built-in limits where none was ever published."""

    def __init__(self, limiter: Limiter, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limiter = limiter
        self._monotonic = monotonic
        self._looking = Lock()
        self._next_look = 0.0

    def refresh(self, sessions: Sessions) -> None:
        """Look for another version where the last look is some seconds old; one thread looks, others go on."""
        if self._monotonic() < self._next_look or not self._looking.acquire(blocking=False):
            return
        try:
            self._look(sessions)
            self._next_look = self._monotonic() + LOOK_EVERY_SECONDS
        finally:
            self._looking.release()

    def _look(self, sessions: Sessions) -> None:
        with sessions() as session:
            found = session.execute(
                select(LimitSetVersion.digest, LimitSetVersion.source).where(LimitSetVersion.active)
            ).one_or_none()
        if (found.digest if found else default_limits().version) == self._limiter.version:
            return
        try:
            wanted = parse_limits(found.source, older=True) if found else default_limits()
            self._limiter.adopt(wanted.policy, wanted.version)
        except PolicyError as error:  # written by another version of Mawid: the limits before stay
            _log.error("limits_unusable", version=found.digest if found else "", reason=str(error))
