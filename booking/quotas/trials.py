"""Ask for a what-if or a suggestion, look how far it is, give it up. The work itself is a job (`trial_work`)."""

from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking import audit
from booking.core import Core
from booking.errors import NotFoundError, PolicyMissingError
from booking.jobqueue import enqueue
from booking.models import Account, Draw, DrawEntry, QuotaDraft, QuotaPolicy, QuotaTrial
from booking.models.base import Json
from booking.models.quota import UNFINISHED_TRIALS, TrialKind, TrialState
from booking.permissions import Permission, require
from booking.quotas.errors import NoHistoryError
from booking.states import DrawState

MOST_DRAWS: Final = 5


def ask_trial(
    core: Core,
    *,
    kind: TrialKind,
    by: UUID,
    draft_id: UUID | None = None,
    version: int | None = None,
    draws: int = 1,
    options: Json | None = None,
) -> UUID:
    """Ask for a draft, a version, or (neither) the active policy to be tried on the last draws; return the trial's id.

    Raises
    ------
    NoHistoryError
        No draw has been published yet.
    NotFoundError, PolicyMissingError, ForbiddenError
        There is no such draft or version; none is active; ``by`` is no analyst.
    """
    with core.sessions.begin() as session:
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        active = session.scalar(select(QuotaPolicy).where(QuotaPolicy.active))
        if active is None:
            raise PolicyMissingError
        tried: QuotaDraft | QuotaPolicy | None = active
        if draft_id is not None:
            tried = session.get(QuotaDraft, draft_id)
        elif version is not None:
            tried = session.get(QuotaPolicy, version)
        if tried is None:
            raise NotFoundError
        if not last_draws(session, 1):
            raise NoHistoryError
        trial = QuotaTrial(
            kind=kind,
            state=TrialState.ASKED,
            draft_id=draft_id,
            shares=tried.shares,
            overrides=tried.overrides,
            options={"draws": max(1, min(draws, MOST_DRAWS)), "today": active.version, **(options or {})},
            progress=0,
            asked_at=core.clock.now(),
            asked_by=by,
        )
        session.add(trial)
        session.flush()
        enqueue(session, "try_quotas", trial_id=str(trial.id))
        audit.append(
            session,
            at=core.clock.now(),
            actor=analyst.username,
            account_id=by,
            action=f"quotas.{kind.value}_asked",
            subject=str(trial.id),
            details={"draft": str(draft_id or ""), "version": version},
        )
        return trial.id


def cancel_trial(core: Core, *, trial_id: UUID, by: UUID) -> None:
    """Give up a what-if that is not done; the job stops at its next step. Of one that is done nothing changes."""
    with core.sessions.begin() as session:
        require(session.get(Account, by), Permission.CHANGE_POLICIES)
        session.execute(
            update(QuotaTrial)
            .where(QuotaTrial.id == trial_id, QuotaTrial.state.in_(UNFINISHED_TRIALS))
            .values(state=TrialState.CANCELLED, ended_at=core.clock.now())
        )


def find_trial(session: Session, trial_id: UUID) -> QuotaTrial:
    """Give a trial; raises NotFoundError."""
    trial = session.get(QuotaTrial, trial_id)
    if trial is None:
        raise NotFoundError
    return trial


def last_draws(session: Session, most: int) -> list[str]:
    """Give the references of the last published draws in which somebody asked, the latest first."""
    found = session.scalars(
        select(Draw.reference)
        .where(
            Draw.state == DrawState.PUBLISHED,
            Draw.policy_version.is_not(None),
            select(DrawEntry.draw_id).where(DrawEntry.draw_id == Draw.id).exists(),
        )
        .order_by(Draw.closed_at.desc())
        .limit(most)
    )
    return list(found)


def trials_of(session: Session, draft_id: UUID | None, most: int = 10) -> list[QuotaTrial]:
    """Give the last trials of a draft (None: of policies), the latest first."""
    of_draft = QuotaTrial.draft_id.is_(None) if draft_id is None else QuotaTrial.draft_id == draft_id
    return list(session.scalars(select(QuotaTrial).where(of_draft).order_by(QuotaTrial.asked_at.desc()).limit(most)))
