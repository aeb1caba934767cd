"""Answers that are the same for everyone, kept for some seconds, so that many readers cost as much as one."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool


@dataclass(frozen=True, slots=True)
class Cached:
    """An answer's bytes and their tag."""

    content: bytes
    tag: str


Kept = TypeVar("Kept")


class ShortCache(Generic[Kept]):
    """Keeps answers for ``lifetime``; while one is made, others who want it wait for it instead of asking too.

    At most ``most`` are kept. Errors are not kept. For one event loop: nothing here is touched by threads.
    """

    def __init__(self, *, lifetime: timedelta, most: int = 1000) -> None:
        self._lifetime, self._most = lifetime, most
        self._kept: dict[Hashable, tuple[datetime, Kept]] = {}
        self._making: dict[Hashable, asyncio.Task[Kept]] = {}

    async def get(self, key: Hashable, now: datetime, make: Callable[[], Kept]) -> Kept:
        """Return what is kept under ``key``, or make it in a thread."""
        kept = self._kept.get(key)
        if kept is not None and timedelta() <= now - kept[0] < self._lifetime:
            return kept[1]
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.create_task(run_in_threadpool(make))
            making.add_done_callback(lambda done: self._done(key, now, done))
        return await asyncio.shield(making)

    def _done(self, key: Hashable, now: datetime, done: asyncio.Task[Kept]) -> None:
        self._making.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._kept.pop(key, None)
        while len(self._kept) >= self._most:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = now, done.result()
