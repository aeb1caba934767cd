"""A slice of a long work, tried again where somebody held what it needs: nothing of the others is repeated."""

from collections.abc import Callable
from typing import Final, TypeVar

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import OperationalError

Done = TypeVar("Done")
TRIES: Final = 12
"""Each waits as long as locks are waited for: a minute in all."""
_WAITED: Final = (LockNotAvailable, DeadlockDetected)
"""From a COPY they come as they are."""


def tried_again(slice_of_work: Callable[[], Done]) -> Done:
    """Do a slice in a transaction of its own, and again where a lock was not given or two waited for each other.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        It was not given after `TRIES`, or the database failed in another way.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            return slice_of_work()
        except (OperationalError, *_WAITED) as error:
            cause = error.orig if isinstance(error, OperationalError) else error
            if not tries_left or not isinstance(cause, _WAITED):
                raise
    raise AssertionError  # the last try returns or raises
