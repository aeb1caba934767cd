"""Versions of every kind: one change at a time, and who proposed and activated each."""

from typing import Final, TypeVar

from sqlalchemy import select, text, true, tuple_
from sqlalchemy.orm import Session, aliased

from booking.platform.models import Account, VersionStep
from booking.platform.models.policies.policy import ApprovedVersion
from booking.platform.models.states import VersionState

_LOCK: Final = 0x6D617769645F76
Row = TypeVar("Row", bound=ApprovedVersion)


def change_versions(session: Session) -> None:
    """Wait, until commit, for anyone else who changes versions; what is read afterwards is what they left.

    Without it two activations at once would meet in the index of the active version, and one would fail.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def before_active(session: Session, model: type[Row], to: int | None = None) -> Row | None:
    """Return the version that a rollback would bring back: the last one in force before the active one, or ``to``."""
    active = session.scalar(select(model).where(model.active))
    order = tuple_(model.activated_at, model.version)
    earlier = true() if active is None else order < (active.activated_at, active.version)
    return session.scalar(
        select(model)
        .where(
            model.state == VersionState.RETIRED,
            model.activated_at.is_not(None),
            earlier if to is None else model.version == to,
        )
        .order_by(order.desc())
        .limit(1)
    )


def steps_of(session: Session, kind: str, version: int) -> list[tuple[VersionStep, str]]:
    """Return the steps of a version in their order, each with the user name of who made it."""
    found = session.execute(
        select(VersionStep, Account.username)
        .join(Account, Account.id == VersionStep.account_id)
        .where(VersionStep.kind == kind, VersionStep.version == version)
        .order_by(VersionStep.at, VersionStep.id)
    )
    return [(row[0], row[1]) for row in found]


def list_versions(session: Session, model: type[Row]) -> list[tuple[Row, str | None, str | None]]:
    """Return all versions, the latest first, with the user names of who proposed and who activated each."""
    author, colleague = aliased(Account), aliased(Account)
    found = session.execute(
        select(model, author.username, colleague.username)
        .outerjoin(author, author.id == model.created_by)
        .outerjoin(colleague, colleague.id == model.activated_by)
        .order_by(model.version.desc())
    )
    return [(row[0], row[1], row[2]) for row in found]
