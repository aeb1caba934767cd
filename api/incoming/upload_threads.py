"""Threads of their own for routes that have a file converted, so that pages never wait for files."""

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from math import inf
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from booking.base.errors import BusyError
from booking.evidence.turns import RETRY_SECONDS

MOST: Final = 8
"""In one process; a quarter of them convert (`booking.evidence.turns`), the others wait for some seconds."""

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


class _Threads:
    """The threads of one event loop, and how many are taken: nobody queues for one."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(inf)
        self._taken = 0

    async def run(self, work: Callable[[], _Answer]) -> _Answer:
        if self._taken >= MOST:
            raise BusyError(RETRY_SECONDS)
        self._taken += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._taken -= 1


_THREADS: Final[RunVar[_Threads]] = RunVar("upload_threads")


def in_own_threads(route: Callable[_Arguments, _Answer]) -> Callable[_Arguments, Awaitable[_Answer]]:
    """Run a route outside the threads of pages; raises BusyError at once when all of these are taken."""

    @wraps(route)
    async def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
        return await _threads().run(partial(route, *args, **kwargs))

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


def _threads() -> _Threads:
    try:
        return _THREADS.get()
    except LookupError:
        _THREADS.set(threads := _Threads())
        return threads
