"""Bodies with files that come in: an account sends a few at once, and a process takes so many as it has memory for."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from starlette.types import Message, Receive

MOST: Final = 3
"""Of an account in one process: each may be as long as a file, and come as slowly as a phone sends."""
MOST_IN_MEMORY: Final = 12
"""In one process: each may take as much memory as the largest file."""
MOST_ON_DISK: Final = 64
"""In one process: forms, whose file lies on disk until it is whole."""


class OneArriving:
    """One body that comes in, until it is whole or a newer one takes its place."""

    def __init__(self, account_id: UUID, network: bytes, *, in_memory: bool) -> None:
        self.account_id, self.network, self.in_memory = account_id, network, in_memory
        self._over = False
        self._waiting: asyncio.Timeout | None = None

    async def receive(self, receive: Receive) -> Message | None:
        """Return what comes next; None when a newer one took its place."""
        if self._over:
            return None
        try:
            async with asyncio.timeout(None) as self._waiting:
                return await receive()
        except TimeoutError:
            return None
        finally:
            self._waiting = None

    def end(self) -> None:
        """Let nothing more come in."""
        self._over = True
        if self._waiting is not None:
            self._waiting.reschedule(0)


class Arriving:
    """The bodies with files that come in now, the oldest first."""

    def __init__(self) -> None:
        self._bodies: list[OneArriving] = []

    @contextmanager
    def begin(self, account_id: UUID, network: bytes, *, in_memory: bool) -> Iterator[OneArriving]:
        """Begin one more; the oldest gives way, of an account that has too many or of the network that has most."""
        new = OneArriving(account_id, network, in_memory=in_memory)
        self._bodies.append(new)
        mine = [one for one in self._bodies if one.account_id == account_id]
        alike = [one for one in self._bodies if one.in_memory is in_memory]
        if len(mine) > MOST:
            self._end(mine[0])
        elif len(alike) > (MOST_IN_MEMORY if in_memory else MOST_ON_DISK):
            [(most, _)] = Counter(one.network for one in alike).most_common(1)
            self._end(next(one for one in alike if one.network == most))
        try:
            yield new
        finally:
            if new in self._bodies:
                self._bodies.remove(new)

    def _end(self, one: OneArriving) -> None:
        self._bodies.remove(one)
        one.end()
