"""Small tables that rarely change, kept in memory until they do."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Text, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from booking.platform.base.db import Sessions
from booking.platform.models import Office, Service

LOOK_EVERY_SECONDS: Final = 5.0
"""How long, at most, a process still shows a row as it was before another process changed it."""
Kept = TypeVar("Kept")


def row_version(model: type[Office | Service]) -> ColumnElement[str]:
    """Return what a row is called that every change gives another name, no matter who makes it.

    Where it stands is a part of it: to a second change in one transaction, and to the first one after a server that
    lost the latest transactions was replaced, the number of the transaction may be no news.
    """
    place, transaction = (cast(literal_column(f"{model.__tablename__}.{one}"), Text) for one in ("ctid", "xmin"))
    return place + transaction


class KnownRows(Generic[Kept]):
    """Gives what is made of a table; it is asked for changes every few seconds, and read again where there are any.

    All threads share what is kept: it is only read.
    """

    def __init__(
        self,
        model: type[Office | Service],
        make: Callable[[Session], Kept],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        row = cast(model.id, Text) + ":" + row_version(model)
        rows = func.string_agg(row, aggregate_order_by(literal(","), model.id))
        self._state_of = select(func.md5(rows)).select_from(model)
        self._make, self._monotonic = make, monotonic
        self._looking = Lock()
        self._next_look = 0.0
        self._state: str | None = None
        self._kept: Kept | None = None

    def read(self, sessions: Sessions) -> Kept:
        """Return what is kept; where the last look is some seconds old, one thread looks and others go on."""
        kept = self._kept
        if kept is not None and self._monotonic() < self._next_look:
            return kept
        if not self._looking.acquire(blocking=kept is None) and kept is not None:
            return kept
        try:
            began = self._monotonic()
            kept = self._look(sessions)
            self._next_look = began + LOOK_EVERY_SECONDS
            return kept
        finally:
            self._looking.release()

    def at_hand(self, sessions: Sessions) -> Kept:
        """Return what is kept, however old: for an event loop, where nobody may wait. Read first where nothing is."""
        kept = self._kept
        return self.read(sessions) if kept is None else kept

    def look_again(self) -> None:
        """Look at the next reading: this process has just changed the table."""
        self._next_look = 0.0

    def _look(self, sessions: Sessions) -> Kept:
        with sessions() as session:
            state = session.scalar(self._state_of)
            if self._kept is None or state != self._state:
                self._kept, self._state = self._make(session), state
        return self._kept
