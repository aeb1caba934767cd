"""Whose file is looked at when: one of an account, and a few in one process, whatever comes at once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from redis.exceptions import RedisError

from booking.base.errors import BusyError
from booking.core.core import Core
from booking.evidence.apart import SECONDS
from booking.evidence.checkers import SCAN_SECONDS
from booking.evidence.errors import UploadRunningError

AT_ONCE: Final = 2
"""Each may take a gigabyte."""
PATIENCE: Final = 10
"""Seconds for which a file waits for its turn."""
RETRY_SECONDS: Final = 15
_LONGEST: Final = PATIENCE + SCAN_SECONDS + SECONDS + 10
_TURNS: Final = BoundedSemaphore(AT_ONCE)


@contextmanager
def own_turn(core: Core, account_id: UUID) -> Iterator[None]:
    """Wait for the turn of an account's file.

    Raises
    ------
    UploadRunningError
        Another file of the account waits or is looked at, here or in another process.
    BusyError
        Files of others took too long.
    """
    # The lock ends by itself when this process is killed.
    lock = core.redis.lock(f"{{mawid}}:upload:{account_id}", timeout=_LONGEST, thread_local=False)
    if not lock.acquire(blocking=False):
        raise UploadRunningError(RETRY_SECONDS)
    try:
        if not _TURNS.acquire(timeout=PATIENCE):
            raise BusyError(RETRY_SECONDS)
        try:
            yield
        finally:
            _TURNS.release()
    finally:
        with suppress(RedisError):  # or it ended by itself
            lock.release()
