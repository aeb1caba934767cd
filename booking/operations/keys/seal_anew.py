"""Seal with the secret in use what one before it sealed, in batches, beside people who use Mawid."""

from collections.abc import Callable
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, and_, bindparam, func, select, update

from booking.country.core.core import Core
from booking.desk.helpers.papers import consent_store
from booking.desk.rights.copy import copy_store
from booking.eservices.online.papers import paper_store
from booking.operations.keys.columns import SealedColumn
from booking.operations.keys.errors import RotationError
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.vault import HEAD_BYTES
from booking.platform.models import ConsentPaper, OnlinePaper, UrgentEvidence
from booking.scheduling.urgent.evidence import evidence_store

BATCH: Final = 500


def seal_rows_anew(core: Core, sealed: SealedColumn, told: Callable[[int], None] = lambda _: None) -> int:
    """Seal a column's values anew and return how many cannot be read; each batch is a transaction of its own.

    Rows that others hold at the moment are passed by, and values that changed meanwhile stay as they are: the next run
    finds them. Broken off, it goes on where it was, for what is done is no longer found.
    """
    if sealed.about is None:
        return 0
    last, unreadable = None, 0
    while True:
        keys, failed = _batch(core, sealed, last)
        if not keys:
            return unreadable
        last, unreadable = keys[-1], unreadable + failed
        told(len(keys))


def seal_files_anew(core: Core, told: Callable[[int], None] = lambda _: None) -> int:
    """Seal the pages of evidence anew and return how many cannot be read."""
    unreadable = 0
    for store in stores(core):
        for evidence_id, page, named in store.heads():
            if named == core.vault.present.key_id.hex():
                continue
            try:
                store.seal_anew(evidence_id, page)
            except EvidenceUnavailableError:
                unreadable += 1
            told(1)
    return unreadable


def stores(core: Core) -> tuple[EvidenceStore, ...]:
    """Return the folders in which evidence is kept, of every kind."""
    return evidence_store(core), consent_store(core), paper_store(core), copy_store(core)


def require_files(core: Core) -> None:
    """Require that the files are seen from here: else none would be found, and their secret thrown away.

    Raises
    ------
    RotationError
        The database knows of files, and there is none.
    """
    tables: tuple[type[UrgentEvidence | ConsentPaper | OnlinePaper], ...] = (UrgentEvidence, ConsentPaper, OnlinePaper)
    with core.sessions() as session:
        for table, store in zip(tables, stores(core), strict=False):
            kept = session.scalar(select(table.id).where(table.removed_at.is_(None)).limit(1))
            if kept is not None and next(store.heads(), None) is None:
                raise RotationError(
                    f"the files of {table.__tablename__} are not in {core.files.where}: run this on a machine"
                    " that sees them; nothing was changed"
                )


def is_sealed(sealed: SealedColumn) -> ColumnElement[bool]:
    """Return the condition for rows that have a value."""
    return and_(sealed.column.is_not(None), sealed.column != b"")


def head_of(sealed: SealedColumn) -> ColumnElement[bytes]:
    """Return what a column's value begins with, where the id of its secret stands."""
    return func.substring(sealed.column, 1, HEAD_BYTES)


def _batch(core: Core, sealed: SealedColumn, last: object) -> tuple[list[Any], int]:
    """Seal the next rows after a key; return their keys, and how many of them cannot be read."""
    found = select(sealed.key, sealed.column).where(is_sealed(sealed), head_of(sealed) != core.vault.present.head)
    if last is not None:
        found = found.where(sealed.key > last)
    table = sealed.column.class_.__table__
    key, column = table.c[sealed.key.key], table.c[sealed.column.key]
    anew = update(table).where(key == bindparam("at"), column == bindparam("old")).values({column: bindparam("new")})
    with core.sessions.begin() as session:
        locked = found.order_by(sealed.key).limit(BATCH).with_for_update(key_share=True, skip_locked=True)
        rows = session.execute(locked).all()
        values = [{"at": at, "old": old, "new": new} for at, old in rows if (new := _anew(core, sealed, at, old))]
        if values:
            session.connection().execute(anew, values)
    return [at for at, _ in rows], len(rows) - len(values)


def _anew(core: Core, sealed: SealedColumn, at: object, old: bytes) -> bytes | None:
    """Seal a value with the secret in use; None where no known secret opens it."""
    about = "" if sealed.about is None else sealed.about(at)
    try:
        return core.vault.seal(core.vault.unseal(old, about.encode()), about.encode())
    except InvalidTag:
        return None
