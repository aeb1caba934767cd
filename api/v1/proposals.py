"""What waits for an analyst: proposed versions that a second person activates or gives up, on the pages."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter

from api.deps import CoreDep
from api.v1.calls.guards import AnalystCaller
from api.v1.calls.refusals import SIGNED_IN, refusals
from api.v1.calls.values import Out
from booking.platform.base.errors import ForbiddenError
from booking.platform.models.states import VersionState
from booking.scheduling.quotas.trials import Proposal, waiting_proposals

router = APIRouter(prefix="/proposals", tags=["proposals"])


class ProposalOut(Out):
    """A proposed version of quotas, rules or a model; ``own`` ones wait for somebody else."""

    kind: Literal["quotas", "rules", "model", "no-show"]
    version: int
    state: VersionState
    proposed_by: str
    proposed_at: datetime
    own: bool


@router.get("", responses=refusals(*SIGNED_IN, ForbiddenError), response_model=list[ProposalOut])
def waiting(core: CoreDep, caller: AnalystCaller) -> list[Proposal]:
    """List the versions that wait for a second analyst, those of others first."""
    return waiting_proposals(core, account_id=caller.account_id)
