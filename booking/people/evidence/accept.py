"""The one way to take in a file: checked, charged, converted, and kept with a row, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.people.evidence.kinds import kind_of
from booking.people.evidence.receive import keep_pages
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.base.outages import is_outage
from booking.platform.models import Account
from booking.platform.models.stored_file import StoredFile

LARGEST_FILE: Final = 10 * 1024 * 1024  # bytes; a phone's photo has 2 to 8 MB

Owner = TypeVar("Owner")
File = TypeVar("File", bound=StoredFile)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as an image."""

    content: bytes
    media_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Place(Generic[Owner, File]):
    """Where files are attached: a case, or a consent.

    Attributes
    ----------
    store, table
        Where their pages and rows are kept.
    owner
        Lock what a file is attached to; raise where it takes none now.
    files_of
        Which rows of the table are the owner's.
    same
        Which of these a file can be the same as.
    row
        Make the row of a new file, of the owner and the fingerprints of its pages; the rest is filled in.
    most_tries
        Files that the owner ever had, removed ones too: each costs some seconds of a processor.
    most_files
        Files that the owner may have at a time; None where the next one replaces the one before.
    when_empty
        The reason of ``file`` where none was sent.
    """

    store: EvidenceStore
    table: type[File]
    owner: Callable[[Session], Owner]
    files_of: Callable[[Owner], ColumnElement[bool]]
    same: Callable[[Owner], ColumnElement[bool]]
    row: Callable[[Session, Owner, list[str]], File]
    most_tries: int
    most_files: int | None = None
    when_empty: str = "no_file"


def accept(
    core: Core, place: Place[Owner, File], content: bytes, *, by: UUID, origin: Origin, helper: bool = False
) -> UUID:
    """Check a file, turn it into plain pages and keep them; return its id. The same file again is the one there is.

    Parameters
    ----------
    by
        The account that sends it.
    helper
        The account is a registered helper's, whatever it says itself.

    Raises
    ------
    InvalidInputError
        ``file``: empty, too large, not an image or PDF, damaged, encrypted, too many pixels, pages or files.
    MawidError
        What ``place.owner`` raises.
    TooManyAttemptsError
        Each file costs some processor time, a bad one too.
    UploadRunningError
        Another file of the account is being looked at.
    BusyError
        Too many files of others are being looked at.
    EvidenceUnavailableError
        The checker, the converter or the folder does not answer; nothing is kept.
    """
    digest = sha256(content).digest()
    with core.sessions.begin() as session:
        owner = place.owner(session)
        if not content or len(content) > LARGEST_FILE:
            raise InvalidInputError([FieldError("file", "too_large_file" if content else place.when_empty, most=10)])
        known = _same_file(session, place, owner, digest)
        if known is not None:
            return known
        _check_room(session, place, owner)
        helper = helper or session.get_one(Account, by).registered_helper
    charge(core, "evidence", origin.subjects(account=str(by)), helper=helper)
    file_id = uuid4()
    converted = keep_pages(core, place.store, file_id, content, by=by)
    kept = False
    try:
        with core.sessions.begin() as session:
            owner = place.owner(session)
            known = _same_file(session, place, owner, digest)  # sent twice at once: one at a time locks the owner
            if known is None:
                _check_room(session, place, owner)
                file = place.row(session, owner, list(converted.fingerprints))
                file.id, file.sha256, file.media_type = file_id, digest, kind_of(content).value
                file.size, file.pages, file.uploaded_at = len(content), len(converted.pages), core.clock.now()
                session.add(file)
        kept = known is None
    except Exception as error:
        kept = is_outage(error)  # perhaps its row was committed: a night's job removes pages without one
        raise
    finally:
        if not kept:
            place.store.remove(file_id, len(converted.pages))
    return known or file_id


def _same_file(session: Session, place: Place[Owner, File], owner: Owner, digest: bytes) -> UUID | None:
    table = place.table
    return session.scalar(
        select(table.id).where(
            place.files_of(owner), place.same(owner), table.sha256 == digest, table.removed_at.is_(None)
        )
    )


def _check_room(session: Session, place: Place[Owner, File], owner: Owner) -> None:
    ever, kept = session.execute(
        select(func.count(), func.count().filter(place.table.removed_at.is_(None))).where(place.files_of(owner))
    ).one()
    if ever >= place.most_tries or (place.most_files is not None and kept >= place.most_files):
        raise InvalidInputError([FieldError("file", "too_many_files", most=place.most_files or place.most_tries)])
