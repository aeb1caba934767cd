"""Remove files whose time is over: of urgent cases, of online cases, and signed papers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.evidence.store import EvidenceStore
from booking.models.stored_file import StoredFile

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
    for file_id, path in store.older_than((now - ORPHAN_AGE).timestamp()):
        with core.sessions() as session:
            known = session.scalar(select(table.id).where(table.id == file_id, table.removed_at.is_(None)))
        if known is None:
            path.unlink(missing_ok=True)
    return len(old)
