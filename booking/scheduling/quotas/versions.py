"""Versions of quota policies: a draft becomes one, and one that is activated splits the coming days anew.

The steps themselves are those of every kind (`booking.country.versions.steps`); the places of the coming days change in
the same transaction (`booking.scheduling.quotas.resplit`).
"""

from typing import Final
from uuid import UUID

from booking.country.core.core import Core
from booking.country.policy.limits import active_policy
from booking.country.policy.quota_table import QuotaTable
from booking.country.versions.drafts import analyst_in, open_in
from booking.country.versions.steps import Kind, Step, StepName, change_versions, propose_in
from booking.platform.models import QuotaPolicy
from booking.platform.models.base import Json
from booking.platform.models.policies.policy import QuotaDraftState
from booking.platform.models.states import DIRECT_MOVES
from booking.scheduling.quotas.drafts import QUOTA_DRAFTS
from booking.scheduling.quotas.errors import NothingChangedError
from booking.scheduling.quotas.resplit import resplit


def propose(core: Core, *, draft_id: UUID, revision: int, by: UUID, reason: str = "") -> int:
    """Keep a draft as the next version, which another analyst can activate; return the version.

    Raises
    ------
    DraftChangedError
        Somebody saved the draft since ``revision`` was read.
    DraftClosedError
        It was proposed or dropped already.
    NothingChangedError
        It says what the active policy says.
    NotFoundError
        There is no such draft.
    ForbiddenError
        ``by`` is not an analyst.
    PolicyMissingError
        No quota policy is active.
    """
    with core.sessions.begin() as session:
        change_versions(session)  # before the active policy is read
        analyst_in(session, QUOTA_DRAFTS, by)
        draft = open_in(session, QUOTA_DRAFTS, draft_id, revision)
        active = active_policy(session)
        if QuotaTable.read(draft.shares, draft.overrides) == QuotaTable.read(active.shares, active.overrides):
            raise NothingChangedError
        row = QuotaPolicy(shares=draft.shares, overrides=draft.overrides, limits=active.limits)
        version = propose_in(session, core, QUOTAS, row, by=by, details={"draft": draft.title}, reason=reason)
        draft.state, draft.proposed_as = QuotaDraftState.PROPOSED, version
        return version


def _split_coming_days(step: Step[QuotaPolicy]) -> Json:
    """Split the coming days by the policy that decides now, and put on record how many changed.

    Where more places of a pool are taken than it leaves, StrandedPlacesError refuses it; ``step.anyway`` leaves the
    pool those that are taken, and splits the rest.
    """
    if step.name is StepName.ACTIVATED and step.before is not None:
        step.row.limits = step.before.limits
    step.session.flush()
    done = resplit(step.session, step.core, step.row, keep=step.anyway)
    return {"office_days": done.office_days, "units": done.units, "kept": len(done.kept)}


QUOTAS: Final = Kind("quotas", QuotaPolicy, DIRECT_MOVES, activated=_split_coming_days)
