"""Threads of their own for routes that have a file converted, so that pages never wait for files."""

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from booking.errors import BusyError
from booking.evidence.turns import RETRY_SECONDS

MOST: Final = 8
"""In one process; a quarter of them convert (`booking.evidence.turns`), the others wait for some seconds."""

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


class _Threads:
    """The threads of one event loop, and how many are taken: nobody queues for one."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(MOST)
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
        try:
            threads = _THREADS.get()
        except LookupError:
            threads = _Threads()
            _THREADS.set(threads)
        return await threads.run(partial(route, *args, **kwargs))

    return run
