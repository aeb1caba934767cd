"""Password hashing: argon2id (RFC 9106), with a bound on how many run at once and how many wait in a process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from booking.base.errors import BusyError

NOBODYS: Final = "!"
"""Stands where a hash would, for an account without a password: none is right, and nothing needs to be hashed."""
WAITING: Final = 2
"""For each that runs, so many may wait; they hold threads that pages need."""
RETRY_SECONDS: Final = 5


class Passwords:
    """Hashes and checks passwords. One hash takes ``memory_kib``; more than ``concurrency`` at once wait, a few."""

    def __init__(self, *, memory_kib: int, rounds: int, concurrency: int) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1),))
        self._places = BoundedSemaphore(concurrency * (1 + WAITING))
        self._turns = BoundedSemaphore(concurrency)
        self._nobody = self.hash("a password that nobody has")

    def hash(self, password: str) -> str:
        """Hash a password with a fresh salt; raises BusyError when as many wait as may."""
        with self._turn():
            return self._hasher.hash(password)

    def matches(self, password: str, stored: str | None) -> bool:
        """Return whether the password is right; with no stored hash the same time is spent, and the answer is no.

        Raises
        ------
        BusyError
            As many wait as may; nothing was compared.
        """
        known = stored if stored != NOBODYS else None
        with self._turn():
            right = self._hasher.verify(password, known or self._nobody)
        return right and known is not None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise BusyError(RETRY_SECONDS)
        try:
            with self._turns:
                yield
        finally:
            self._places.release()
