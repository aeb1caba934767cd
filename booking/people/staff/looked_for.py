"""Who looked for a person: searches by national number, found again by the hash that each left in the audit log."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.looked_for import KEY, ever_looked_for
from booking.country.core.permissions import Permission, require
from booking.people.accounts.identity import read_national_number
from booking.platform.models import Account, AuditEntry

MOST: Final = 200


def who_looked_for(core: Core, *, by: UUID, national_number: str) -> Sequence[AuditEntry]:
    """Find the searches for a person, newest first; that somebody asked, and about whom, is on record before.

    Raises
    ------
    FieldError
        It is not a national number.
    ForbiddenError
        ``by`` may not read the audit log.
    """
    hashes = ever_looked_for(core, read_national_number(core, national_number))
    with core.sessions.begin() as session:
        reader = require(session.get(Account, by), Permission.READ_AUDIT)
        found = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.details[KEY].astext.in_(hashes))
            .order_by(AuditEntry.sequence.desc())
            .limit(MOST)
        ).all()
        audit.record(session, core, reader, "audit.looked_for", "audit log", **{KEY: hashes[-1]}, found=len(found))
        return found
