"""Password hashing: argon2id (RFC 9106), with a bound on how many run at once and how many wait in a process.

It runs in threads of its own that step back behind all others: a sixth of a second of a processor is what a hash costs
on purpose, and while many sign in the pages of everybody else would wait for it.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from threading import BoundedSemaphore, get_native_id
from typing import Final, ParamSpec, TypeVar

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from booking.platform.base.errors import BusyError

NOBODYS: Final = "!"
"""Stands where a hash would, for an account without a password: none is right, and nothing needs to be hashed."""
WAITING: Final = 2
"""For each that runs, so many may wait; they hold threads that pages need."""
RETRY_SECONDS: Final = 5
NICENESS: Final = 10
"""Of the threads that hash: a tenth of a processor's time beside a thread that answers, and all of it alone."""
CODE_KIB: Final = 19 * 1024
CODE_ROUNDS: Final = 2

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class Passwords:
    """Hashes and checks passwords. One hash takes ``memory_kib``; more than ``concurrency`` at once wait, a few."""

    def __init__(self, *, memory_kib: int, rounds: int, concurrency: int) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1),))
        self._places = BoundedSemaphore(concurrency * (1 + WAITING))
        self._turns = BoundedSemaphore(concurrency)
        self._threads = ThreadPoolExecutor(concurrency, "hashing", initializer=_step_back)
        self._code_kib = min(memory_kib, CODE_KIB)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("a password that nobody has")

    def hash(self, password: str) -> str:
        """Hash a password with a fresh salt; raises BusyError when as many wait as may."""
        with self._turn():
            return self._behind(self._hasher.hash, password)

    def matches(self, password: str, stored: str | None) -> bool:
        """Return whether the password is right; with no stored hash the same time is spent, and the answer is no.

        Raises
        ------
        BusyError
            As many wait as may; nothing was compared.
        """
        known = stored if stored != NOBODYS else None
        with self._turn():
            nobody = self._nobody  # made for the first comparison, whoever it is about, so its time tells nothing
            right = self._behind(self._hasher.verify, password, known or nobody)
        return right and known is not None

    def derive(self, codes: Sequence[str], salt: bytes) -> list[bytes]:
        """Hash random codes slowly with one salt, by which they are looked up again.

        They have more bits than passwords, so each costs what OWASP asks for at least, not what a password costs.

        Raises
        ------
        BusyError
            As many wait as may; nothing was hashed.
        """
        with self._turn():
            return self._behind(self._derive_all, codes, salt)

    def _derive_all(self, codes: Sequence[str], salt: bytes) -> list[bytes]:
        return [
            Argon2id(salt=salt, length=32, iterations=CODE_ROUNDS, lanes=1, memory_cost=self._code_kib).derive(
                code.encode()
            )
            for code in codes
        ]

    def _behind(self, work: Callable[_Given, _Made], *args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        """Have a hash made in a thread that steps back behind those that answer."""
        return self._threads.submit(work, *args, **kwargs).result()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise BusyError(RETRY_SECONDS)
        try:
            with self._turns:
                yield
        finally:
            self._places.release()


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere it is the process that would
        os.setpriority(os.PRIO_PROCESS, get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
