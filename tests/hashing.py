"""A queue for hashing in which no place is left."""

from collections.abc import Iterator
from contextlib import contextmanager

from booking.core.passwords import Passwords


@contextmanager
def full(passwords: Passwords) -> Iterator[None]:
    """Take every place, as a crowd at sign-in does."""
    places = passwords._places
    held = 0
    while places.acquire(blocking=False):
        held += 1
    try:
        yield
    finally:
        for _ in range(held):
            places.release()


@contextmanager
def busy(passwords: Passwords) -> Iterator[None]:
    """Take every turn, so that whoever has a place waits."""
    turns = passwords._turns
    held = 0
    while turns.acquire(blocking=False):
        held += 1
    try:
        yield
    finally:
        for _ in range(held):
            turns.release()
