"""Threads of their own for routes that have a file converted, so that pages never wait for files."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from hashlib import blake2b
from math import inf
from typing import Any, Final, ParamSpec, TypeVar
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from api.incoming.costs import CONVERT
from api.incoming.fair_queue import FairQueue
from api.incoming.moments import slow_down
from booking.country.core.security import Origin
from booking.people.evidence.errors import UploadRunningError
from booking.people.evidence.turns import RETRY_SECONDS
from booking.platform.base.errors import BusyError

QUEUE: Final = FairQueue(
    at_once=CONVERT.at_once,
    of_one=CONVERT.of_network,
    waiting=CONVERT.waiting,
    patience=CONVERT.patience,
    retry_seconds=RETRY_SECONDS,
)
"""Who waits for a conversion in this process: a file in memory, and no thread."""

_ACCOUNTS: Final[set[UUID]] = set()
_LIMITER: Final[RunVar[CapacityLimiter]] = RunVar("upload_threads")
_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


def in_own_threads(route: Callable[_Arguments, _Answer]) -> Callable[_Arguments, Awaitable[_Answer]]:
    """Run a route outside the threads of pages, when it is its network's turn; it is given an origin and an account.

    Raises
    ------
    UploadRunningError
        Another file of the account waits or is looked at in this process.
    BusyError
        Too many files wait, or it took too long.
    """

    @wraps(route)
    async def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
        network = _network(kwargs)
        with ExitStack() as stack:
            try:
                stack.enter_context(_one_of(_account(kwargs)))
                await QUEUE.enter(network)
            except BusyError:
                await slow_down()
                raise
            stack.callback(QUEUE.leave, network)
            return await to_thread.run_sync(partial(route, *args, **kwargs), limiter=_limiter())

    return run


def or_show(
    again: Callable[..., _Answer],
) -> Callable[[Callable[_Arguments, Awaitable[_Answer]]], Callable[_Arguments, Awaitable[_Answer]]]:
    """Show the form again where such a route is too busy.

    Parameters
    ----------
    again
        Makes the page with the form, in the threads of pages, of the error and what the route is given by name.
    """

    def shown(route: Callable[_Arguments, Awaitable[_Answer]]) -> Callable[_Arguments, Awaitable[_Answer]]:
        @wraps(route)
        async def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
            try:
                return await route(*args, **kwargs)
            except BusyError as error:
                return await to_thread.run_sync(partial(again, error, *args, **kwargs))

        return run

    return shown


@contextmanager
def _one_of(account_id: UUID) -> Iterator[None]:
    if account_id in _ACCOUNTS:
        raise UploadRunningError(RETRY_SECONDS)
    _ACCOUNTS.add(account_id)
    try:
        yield
    finally:
        _ACCOUNTS.discard(account_id)


def _account(given: dict[str, Any]) -> UUID:
    found = (getattr(one, "account_id", None) for one in given.values())
    return next(one for one in found if isinstance(one, UUID))


def _network(given: dict[str, Any]) -> bytes:
    origin = next(one for one in given.values() if isinstance(one, Origin))
    return blake2b(origin.prefix.encode(errors="replace"), digest_size=16).digest()


def _limiter() -> CapacityLimiter:
    try:
        return _LIMITER.get()
    except LookupError:
        _LIMITER.set(limiter := CapacityLimiter(inf))
        return limiter
