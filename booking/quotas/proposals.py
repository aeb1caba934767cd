"""What waits for a second analyst: proposed versions of quotas, rules and models that decide nothing yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from booking.core.core import Core
from booking.gate.versions import KINDS
from booking.models import Account, QuotaPolicy
from booking.models.policies.policy import ApprovedVersion
from booking.models.requests.states import VersionState
from booking.quotas.versions import KIND

WAITING: Final = (VersionState.DRAFT, VersionState.SHADOW)
_ALL: Final[Mapping[str, type[ApprovedVersion]]] = {KIND: QuotaPolicy, **KINDS}


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
            Proposal(kind, row.version, row.state, name or "", row.created_at, row.created_by == account_id)
            for kind, model in _ALL.items()
            for row, name in session.execute(
                select(model, Account.username)
                .outerjoin(Account, Account.id == model.created_by)
                .where(model.state.in_(WAITING))
            )
        ]
    return sorted(found, key=lambda one: (one.own, one.proposed_at, one.kind, one.version))
