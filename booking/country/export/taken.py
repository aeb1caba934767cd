"""What leaves as a file is on record before anybody has it: what it is, and how many rows."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.permissions import Permission, require
from booking.platform.models import Account


def note_taken_in(session: Session, core: Core, who: Account, what: str, *, rows: int, **about: Any) -> None:
    """Put on record, in the caller's transaction, that somebody takes a file away.

    Parameters
    ----------
    what
        Which file: words of ours.
    about
        What else tells it from others of its kind: days, an office, a table.
    """
    audit.record(session, core, who, "data.exported", what, rows=rows, **about)


def note_taken(core: Core, *, by: UUID, permission: Permission, what: str, rows: int, **about: Any) -> None:
    """Put on record that somebody takes a file away; see `note_taken_in`.

    Raises
    ------
    ForbiddenError
        The account may not have it.
    """
    with core.sessions.begin() as session:
        note_taken_in(session, core, require(session.get(Account, by), permission), what, rows=rows, **about)
