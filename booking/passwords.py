"""Password hashing: argon2id (RFC 9106), with a bound on how many run at once in a process."""

from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher


class Passwords:
    """Hashes and checks passwords. One hash takes ``memory_kib``; more than ``concurrency`` at once wait."""

    def __init__(self, *, memory_kib: int, rounds: int, concurrency: int) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1),))
        self._turns = BoundedSemaphore(concurrency)
        self._nobody = self.hash("a password that nobody has")

    def hash(self, password: str) -> str:
        """Hash a password with a fresh salt."""
        with self._turns:
            return self._hasher.hash(password)

    def matches(self, password: str, stored: str | None) -> bool:
        """Tell whether the password is right; with no stored hash the same time is spent, and the answer is no."""
        with self._turns:
            right = self._hasher.verify(password, stored or self._nobody)
        return right and stored is not None
