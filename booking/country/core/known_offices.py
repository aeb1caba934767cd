"""The offices, kept in memory until their table changes."""

import time
from collections.abc import Callable, Mapping

from sqlalchemy import select

from booking.country.core.known_rows import KnownRows
from booking.platform.models import Office


class KnownOffices(KnownRows[Mapping[int, Office]]):
    """Gives every office by its id, also one that is not open any more; for showing alone."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(Office, lambda session: {one.id: one for one in session.scalars(select(Office))}, monotonic)
