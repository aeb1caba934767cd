"""Observers and what they read, as administrators see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, AuditEntry, Observer
from booking.platform.models.log import ObserverState
from booking.transparency.log.notes import ED25519, VerifierKey
from booking.transparency.observers.look import LOOKED

MOST_LOOKS: Final = 100

_PROPOSER, _DECIDER = aliased(Account), aliased(Account)


@dataclass(frozen=True, slots=True)
class KnownObserver:
    """An organisation that is, was or may become an observer; ``state`` is where it stands at this moment.

    ``proposed_by`` and ``decided_by`` are user names, the last "" where nobody decided; ``key`` is the line that the
    organisation compares with its own.
    """

    id: UUID
    name: str
    organisation: str
    key: str
    state: ObserverState
    until: datetime | None
    reason: str
    proposed_by: str
    proposer_id: UUID
    decided_by: str
    decided_at: datetime | None
    ended_at: datetime | None
    ended_because: str


@dataclass(frozen=True, slots=True)
class Look:
    """That an observer read a file of a draw."""

    at: datetime
    reference: str
    file: str


def list_observers(core: Core) -> list[KnownObserver]:
    """List all that were ever proposed, those that wait or hold first, then the latest."""
    live = Observer.state.in_([ObserverState.PROPOSED, ObserverState.NAMED])
    with core.sessions() as session:
        rows = session.execute(_observers().order_by(~live, Observer.proposed_at.desc())).all()
    return [_observer(core, row) for row in rows]


def find_observer(core: Core, observer_id: UUID) -> KnownObserver:
    """Return one of them; raises NotFoundError."""
    with core.sessions() as session:
        row = session.execute(_observers().where(Observer.id == observer_id)).one_or_none()
    if row is None:
        raise NotFoundError
    return _observer(core, row)


def list_looks(core: Core, observer_id: UUID) -> list[Look]:
    """List what an observer read, the latest first, at most `MOST_LOOKS`."""
    looks = AuditEntry.subject == str(observer_id), AuditEntry.action == LOOKED
    with core.sessions() as session:
        entries: Sequence[AuditEntry] = session.scalars(
            select(AuditEntry).where(*looks).order_by(AuditEntry.sequence.desc()).limit(MOST_LOOKS)
        ).all()
    return [Look(entry.at, entry.details["reference"], entry.details["file"]) for entry in entries]


def _observers() -> Select[Observer, str, str]:
    return (
        select(Observer, _PROPOSER.username, func.coalesce(_DECIDER.username, ""))
        .join(_PROPOSER, _PROPOSER.id == Observer.proposed_by)
        .outerjoin(_DECIDER, _DECIDER.id == Observer.decided_by)
    )


def _observer(core: Core, row: Row[Observer, str, str]) -> KnownObserver:
    observer, proposer, decider = row
    return KnownObserver(
        id=observer.id,
        name=observer.name,
        organisation=observer.organisation,
        key=VerifierKey(observer.name, ED25519, observer.public_key).text,
        state=observer.state_at(core.clock.now()),
        until=observer.until,
        reason=observer.reason,
        proposed_by=proposer,
        proposer_id=observer.proposed_by,
        decided_by=decider,
        decided_at=observer.decided_at,
        ended_at=observer.ended_at,
        ended_because=observer.ended_because or "",
    )
