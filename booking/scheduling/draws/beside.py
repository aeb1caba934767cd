"""Slices of a long work, two beside each other, each in a transaction of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Final, TypeVar

from sqlalchemy.exc import OperationalError

from booking.platform.base.outages import LOCK_ERRORS

Answer = TypeVar("Answer")
BESIDE: Final = 2
"""Slices at a time: the database has two cores, and each waits for its commit."""
TRIES: Final = 12
"""Each waits as long as locks are waited for: a minute in all."""


def in_slices(
    work: Callable[[int, int], None], first: int, last: int, size: int, *, tell: Callable[[int], None] | None = None
) -> None:
    """Do a work on the numbers ``first`` to ``last``, so many at a time; after each slice tell how many are done.

    After an error, of ``tell`` too, the slices that were begun are waited for, and no other is begun.
    """
    over = Event()

    def work_on(begin: int) -> None:
        try:
            if not over.is_set():
                work(begin, min(begin + size - 1, last))
        except BaseException:
            over.set()
            raise

    with ThreadPoolExecutor(BESIDE) as beside:
        try:
            runs = [beside.submit(work_on, begin) for begin in range(first, last + 1, size)]
            for number, run in enumerate(runs, 1):
                run.result()
                if tell is not None:
                    tell(min(number * size, last + 1 - first))
        finally:
            over.set()


def tried_again(work: Callable[..., Answer], *parts: object) -> Answer:
    """Do a slice in a transaction of its own, and again where a lock was not given or two waited for each other.

    Return what the slice returned.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        It was not given after `TRIES`, or the database failed in another way.
    """
    for _ in range(TRIES - 1):
        try:
            return work(*parts)
        except (OperationalError, *LOCK_ERRORS) as error:  # from a COPY they come as they are
            cause = error.orig if isinstance(error, OperationalError) else error
            if not isinstance(cause, LOCK_ERRORS):
                raise
    return work(*parts)
