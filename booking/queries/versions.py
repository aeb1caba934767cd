"""Versions of rules and models: one change at a time, and who proposed and activated each."""

from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from booking.models import Account
from booking.models.policy import ApprovedVersion

_LOCK: Final = 0x6D617769645F76


def change_versions(session: Session) -> None:
    """Wait, until commit, for whoever else changes versions; what is read afterwards is what they left.

    Without it two activations at once would meet in the index of the active version, and one would fail.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def list_versions(
    session: Session, model: type[ApprovedVersion]
) -> list[tuple[ApprovedVersion, str | None, str | None]]:
    """Give all versions, the latest first, with the user names of who proposed and who activated each."""
    author, colleague = aliased(Account), aliased(Account)
    found = session.execute(
        select(model, author.username, colleague.username)
        .outerjoin(author, author.id == model.created_by)
        .outerjoin(colleague, colleague.id == model.activated_by)
        .order_by(model.version.desc())
    )
    return [(row[0], row[1], row[2]) for row in found]
