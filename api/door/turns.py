"""Bodies with files: an account sends a few at once; one more ends the oldest, whose sender has mostly gone."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from starlette.types import Message, Receive

MOST: Final = 3
"""Of an account in one process: each may be as long as a file, and come as slowly as a phone sends."""


class Turn:
    """One body that comes in, until it is whole or a newer one takes its place."""

    def __init__(self) -> None:
        self._over = False
        self._waiting: asyncio.Timeout | None = None

    async def receive(self, receive: Receive) -> Message | None:
        """Return what comes next; None when the turn is over."""
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


class Turns:
    """The bodies with files that come in now, by account, the oldest first."""

    def __init__(self) -> None:
        self._of: dict[UUID, list[Turn]] = {}

    @contextmanager
    def begin(self, account_id: UUID) -> Iterator[Turn]:
        """Begin one more of an account, in place of its oldest where it has as many as may be."""
        turn = Turn()
        mine = self._of.setdefault(account_id, [])
        mine.append(turn)
        if len(mine) > MOST:
            mine.pop(0).end()
        try:
            yield turn
        finally:
            if turn in mine:
                mine.remove(turn)
            if not mine:  # only the last one leaves it empty
                self._of.pop(account_id, None)
