"""Remove files whose time is over: of urgent cases, of online cases, and signed papers."""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.evidence.store import EvidenceStore
from booking.platform.models.stored_file import StoredFile

BATCH: Final = 500
ORPHAN_AGE: Final = timedelta(days=1)
"""A page without a row is of an upload that broke off, once it is so old."""

File = TypeVar("File", bound=StoredFile)


def remove_files(core: Core, store: EvidenceStore, table: type[File], over: Callable[[Session], Select[File]]) -> int:
    """Remove the pages of files whose time is over, and those of uploads that broke off; return how many files.

    The rows stay, marked as removed.

    Parameters
    ----------
    over
        Gives the statement that finds the rows of ``table`` whose time is over, removed or not.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        found = over(session).where(table.removed_at.is_(None)).limit(BATCH)
        old = session.scalars(found.with_for_update(of=table, skip_locked=True)).all()
        for file in old:
            file.removed_at = now
    for file in old:
        store.remove(file.id, file.pages)
    remove_strays(core, store, select(table.id).where(table.removed_at.is_(None)))
    return len(old)


def remove_strays(core: Core, store: EvidenceStore, kept: Select[UUID]) -> None:
    """Remove what uploads left that broke off a day ago, and what could not be removed when its row went.

    What another secret sealed than this installation's is not removed: it is somebody else's, in the same place.

    Parameters
    ----------
    kept
        The ids of all rows that count.

    Raises
    ------
    booking.platform.files.place.FilesAwayError
        The place for files does not do its part; the next night goes on.
    """
    before = (core.clock.now() - ORPHAN_AGE).timestamp()
    (column,) = kept.selected_columns
    old = store.older_than(before)
    while some := list(islice(old, BATCH)):
        with core.sessions() as session:
            known = set(session.scalars(kept.where(column.in_({file_id for file_id, _ in some}))))
        store.remove_strays([key for file_id, key in some if file_id not in known])
    store.sweep(before)
