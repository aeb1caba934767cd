"""Whose file is looked at when: one of an account, and a few in one process, whatever comes at once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, Event, Thread
from typing import Final
from uuid import UUID

from redis.exceptions import RedisError
from redis.lock import Lock

from booking.country.core.core import Core
from booking.people.evidence.errors import UploadRunningError
from booking.platform.base.errors import BusyError

AT_ONCE: Final = 2
"""Each may take a gigabyte."""
PATIENCE: Final = 10
"""Seconds for which a file waits for its turn."""
RETRY_SECONDS: Final = 15
HELD: Final = 15.0
"""Seconds after which an account's turn ends where nobody renews it, since its process was killed."""
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
    lock = core.redis.lock(f"{{mawid}}:upload:{account_id}", timeout=HELD, thread_local=False)
    if not lock.acquire(blocking=False):
        raise UploadRunningError(RETRY_SECONDS)
    try:
        with _renewed(lock):
            if not _TURNS.acquire(timeout=PATIENCE):
                raise BusyError(RETRY_SECONDS)
            try:
                yield
            finally:
                _TURNS.release()
    finally:
        with suppress(RedisError):  # or it ended by itself
            lock.release()


@contextmanager
def _renewed(lock: Lock) -> Iterator[None]:
    """Keep a lock for as long as this lasts, and not much longer than the process lives."""
    over = Event()

    def renew() -> None:
        while not over.wait(HELD / 3):
            with suppress(RedisError):  # Valkey is away, or the lock ended meanwhile: at worst two files come at once
                lock.reacquire()

    keeper = Thread(target=renew, name="upload-turn", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
