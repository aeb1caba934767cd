"""What waits for a second analyst: proposed versions of quotas, rules and models that decide nothing yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from booking.antifraud.gate.versions import MODEL, RULES
from booking.country.core.core import Core
from booking.country.versions.kind import Kind
from booking.platform.models import Account
from booking.platform.models.states import VersionState
from booking.scheduling.forecast.no_show_versions import NO_SHOW
from booking.scheduling.quotas.versions import QUOTAS

KINDS: Final[tuple[Kind[Any], ...]] = (QUOTAS, RULES, MODEL, NO_SHOW)
WAITING: Final = (VersionState.DRAFT, VersionState.SHADOW)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version that waits; ``own`` where the reader proposed it, and somebody else must activate it."""

    kind: str
    version: int
    state: VersionState
    proposed_by: str
    proposed_at: datetime
    own: bool


def waiting_proposals(core: Core, *, account_id: UUID) -> list[Proposal]:
    """List the proposed versions as an analyst sees them: those that wait for them first, each the oldest first."""
    with core.sessions() as session:
        found = [
            Proposal(kind.name, row.version, row.state, name or "", row.created_at, row.created_by == account_id)
            for kind in KINDS
            for row, name in session.execute(
                select(kind.model, Account.username)
                .outerjoin(Account, Account.id == kind.model.created_by)
                .where(kind.model.state.in_(WAITING))
            )
        ]
    return sorted(found, key=lambda one: (one.own, one.proposed_at, one.kind, one.version))
