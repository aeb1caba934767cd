"""A queue for hashing in which no place is left."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Semaphore

from booking.country.core.passwords import Passwords


def full(passwords: Passwords) -> AbstractContextManager[None]:
    """Take every place, as a crowd at sign-in does."""
    return _taken(passwords._places)


def busy(passwords: Passwords) -> AbstractContextManager[None]:
    """Take every turn, so that whoever has a place waits."""
    return _taken(passwords._turns)


@contextmanager
def _taken(places: Semaphore) -> Iterator[None]:
    held = 0
    while places.acquire(blocking=False):
        held += 1
    try:
        yield
    finally:
        for _ in range(held):
            places.release()
