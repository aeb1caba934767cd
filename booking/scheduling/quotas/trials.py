"""Ask for a what-if or a suggestion, look how far it is, give it up. The work itself is a job (`trial_work`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, select, update
from sqlalchemy.orm import Session

from booking.antifraud.gate.versions import MODEL, RULES
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.jobqueue import enqueue
from booking.country.policy.limits import active_policy
from booking.country.versions.steps import Kind
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Account, Draw, DrawEntry, QuotaDraft, QuotaPolicy, QuotaTrial
from booking.platform.models.base import Json
from booking.platform.models.policies.policy import UNFINISHED_TRIALS, TrialKind, TrialState
from booking.platform.models.states import DrawState, VersionState
from booking.scheduling.forecast.no_show_versions import NO_SHOW
from booking.scheduling.quotas.errors import NoHistoryError
from booking.scheduling.quotas.versions import QUOTAS

MOST_DRAWS: Final = 5
MOST_OFFERED: Final = 20
"""How many of the last draws can be tried again."""
MOST_LISTED: Final = 10


@dataclass(frozen=True, slots=True)
class TrialView:
    """A trial with the user name of the analyst who asked for it."""

    row: QuotaTrial
    asked_by: str


def ask_trial(
    core: Core,
    *,
    kind: TrialKind,
    by: UUID,
    draft_id: UUID | None = None,
    version: int | None = None,
    draws: Sequence[str] | None = None,
    forecast: bool = False,
    options: Json | None = None,
) -> UUID:
    """Ask for a draft, a version, or (neither) the active policy to be tried; return the trial's id.

    Parameters
    ----------
    draws
        References of published draws to be drawn again, at most `MOST_DRAWS` of them; None is the last one.
    forecast
        Try it on the next draw too, as it is expected.

    Raises
    ------
    NoHistoryError
        No draw has been published yet.
    InvalidInputError
        ``draws``: one of them is not published, there are too many, or nothing at all was chosen.
    NotFoundError
        There is no such draft or version.
    PolicyMissingError
        No quota policy is active.
    ForbiddenError
        ``by`` is not an analyst.
    """
    with core.sessions.begin() as session:
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        active = active_policy(session)
        tried: QuotaDraft | QuotaPolicy | None = active
        if draft_id is not None:
            tried = session.get(QuotaDraft, draft_id)
        elif version is not None:
            tried = session.get(QuotaPolicy, version)
        if tried is None:
            raise NotFoundError
        chosen = _chosen(session, draws, forecast=forecast)
        trial = QuotaTrial(
            kind=kind,
            state=TrialState.ASKED,
            draft_id=draft_id,
            shares=tried.shares,
            overrides=tried.overrides,
            options={"draws": chosen, "forecast": forecast, "today": active.version, "version": version}
            | (options or {}),
            progress=0,
            asked_at=core.clock.now(),
            asked_by=by,
        )
        session.add(trial)
        session.flush()
        enqueue(session, "try_quotas", trial_id=str(trial.id))
        details = {"draft": str(draft_id or ""), "version": version}
        audit.record(session, core, analyst, f"quotas.{kind.value}_asked", str(trial.id), **details)
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


def read_trial(core: Core, trial_id: UUID) -> TrialView:
    """Return a trial; raises NotFoundError."""
    with core.sessions() as session:
        found = session.execute(_trials().where(QuotaTrial.id == trial_id)).one_or_none()
    if found is None:
        raise NotFoundError
    return TrialView(*found)


def list_trials(core: Core, *, draft_id: UUID | None = None, version: int | None = None) -> list[TrialView]:
    """Return the last trials of a draft, of a version, or (neither) of what decided, the latest first."""
    of_version = QuotaTrial.options["version"].astext.cast(Integer)
    wanted = (
        QuotaTrial.draft_id == draft_id
        if draft_id is not None
        else QuotaTrial.draft_id.is_(None) & of_version.is_not_distinct_from(version)
    )
    with core.sessions() as session:
        found = session.execute(_trials().where(wanted).order_by(QuotaTrial.asked_at.desc()).limit(MOST_LISTED))
        return [TrialView(*one) for one in found]


def trials_of_shares(core: Core, version: int) -> list[TrialView]:
    """List the what-ifs of exactly the shares of a version, whether asked for it or for its draft, the latest first."""
    with core.sessions() as session:
        row = session.get(QuotaPolicy, version)
        if row is None:
            return []
        same = (QuotaTrial.shares == row.shares) & (QuotaTrial.overrides == row.overrides)
        asked = _trials().where(QuotaTrial.kind == TrialKind.WHAT_IF, same).order_by(QuotaTrial.asked_at.desc())
        return [TrialView(*one) for one in session.execute(asked.limit(MOST_LISTED))]


def _trials() -> Any:
    return select(QuotaTrial, Account.username).join(Account, Account.id == QuotaTrial.asked_by)


def last_draws(session: Session, most: int) -> list[Draw]:
    """Return the last published draws in which somebody asked, the latest first."""
    found = session.scalars(
        select(Draw)
        .where(
            Draw.state == DrawState.PUBLISHED,
            Draw.policy_version.is_not(None),
            select(DrawEntry.draw_id).where(DrawEntry.draw_id == Draw.id).exists(),
        )
        .order_by(Draw.closed_at.desc())
        .limit(most)
    )
    return list(found)


def live_draws(session: Session) -> list[Draw]:
    """Return the draws that collect requests or are being drawn at this moment."""
    live = (DrawState.OPEN, DrawState.CLOSED, DrawState.DRAWN)
    return list(session.scalars(select(Draw).where(Draw.state.in_(live)).order_by(Draw.closes_at)))


def _chosen(session: Session, draws: Sequence[str] | None, *, forecast: bool) -> list[str]:
    known = [draw.reference for draw in last_draws(session, MOST_OFFERED)]
    if not known and not (forecast and not draws):
        raise NoHistoryError
    if draws is None:
        return known[:1]
    if not draws and not forecast:
        raise InvalidInputError([FieldError("draws", "nothing_chosen")])
    if not set(draws) <= set(known):
        raise InvalidInputError([FieldError("draws", "unpublished_draw")])
    if len(draws) > MOST_DRAWS:
        raise InvalidInputError([FieldError("draws", "too_many_draws", most=MOST_DRAWS)])
    return [reference for reference in known if reference in draws]


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
