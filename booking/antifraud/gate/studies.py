"""Studies: looks at stored requests that take long, made by a job, with progress, that can be stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.antifraud.gate.errors import NothingInShadowError
from booking.antifraud.gate.evidence import speaking_backtest, study_under_way
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.jobqueue import enqueue
from booking.platform.base.errors import NotFoundError, PolicyMissingError
from booking.platform.models import Account, GateStudy, ModelVersion, RuleDraft, RuleSetVersion
from booking.platform.models.policies.learning import StudyKind, StudyState
from booking.platform.models.states import VersionState
from fraud.rules.rule_set import parse_rules

LISTED: Final = 20


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study with the user name of the analyst who asked for it."""

    row: GateStudy
    asked_by: str


def ask_backtest(
    core: Core,
    *,
    by: UUID,
    draft_id: UUID | None = None,
    version: int | None = None,
    first: date | None = None,
    last: date | None = None,
) -> UUID:
    """Ask for a backtest of a draft, or of a version, against the rules that decide now; return the study's id.

    Raises
    ------
    fraud.rules.rule_set.RuleError
        The text has faults.
    PolicyMissingError
        No rules decide, so there is nothing to compare with.
    ForbiddenError
        ``by`` is not an analyst.
    NotFoundError
        There is no such draft or version.
    """
    with core.sessions.begin() as session:
        analyst = _analyst(session, by)
        row: RuleDraft | RuleSetVersion | None = (
            session.get(RuleSetVersion, version) if draft_id is None else session.get(RuleDraft, draft_id)
        )
        if row is None:
            raise NotFoundError
        active = session.scalar(select(RuleSetVersion.version).where(RuleSetVersion.active))
        if active is None:
            raise PolicyMissingError
        wanted = {
            "source": row.source,
            "rules": parse_rules(row.source).digest,
            "draft": None if draft_id is None else str(draft_id),
            "title": row.title if isinstance(row, RuleDraft) else "",
            "version": version if draft_id is None else None,
            "against": active,
            "first": None if first is None else first.isoformat(),
            "last": None if last is None else last.isoformat(),
        }
        return _ask(session, core, analyst, StudyKind.BACKTEST, wanted)


def ask_evidence_in(session: Session, core: Core, *, row: RuleSetVersion, analyst: Account) -> None:
    """Ask for a backtest of a version that was just proposed, in the same transaction, where its text has none yet.

    Nothing is asked where no rules decide, for then there is nothing to compare with.
    """
    active = session.scalar(select(RuleSetVersion.version).where(RuleSetVersion.active))
    if active is None or speaking_backtest(session, row.source) or study_under_way(session, row.source):
        return
    wanted = {
        "source": row.source,
        "rules": parse_rules(row.source).digest,
        "draft": None,
        "title": "",
        "version": row.version,
        "against": active,
        "first": None,
        "last": None,
    }
    _ask(session, core, analyst, StudyKind.BACKTEST, wanted)


def ask_shadow(core: Core, *, by: UUID) -> UUID:
    """Ask what the rules in shadow would have decided since they are; return the study's id.

    Raises
    ------
    NothingInShadowError
        No rules are in shadow.
    ForbiddenError
        ``by`` is not an analyst.
    """
    with core.sessions.begin() as session:
        analyst = _analyst(session, by)
        version = session.scalar(select(RuleSetVersion.version).where(RuleSetVersion.state == VersionState.SHADOW))
        if version is None:
            raise NothingInShadowError
        return _ask(session, core, analyst, StudyKind.SHADOW, {"version": version})


def ask_model(core: Core, *, by: UUID, version: int, days: int) -> UUID:
    """Ask how a version of the gate's model does on the requests of the last days; return the study's id.

    Raises ForbiddenError, NotFoundError.
    """
    with core.sessions.begin() as session:
        analyst = _analyst(session, by)
        if session.scalar(select(ModelVersion.version).where(ModelVersion.version == version)) is None:
            raise NotFoundError
        return _ask(session, core, analyst, StudyKind.MODEL, {"version": version, "days": days})


def stop_study(core: Core, *, by: UUID, study_id: UUID) -> None:
    """End a study that was asked for and is not done; nothing of it is kept.

    Raises ForbiddenError, NotFoundError, or IllegalMoveError where it is over.
    """
    with core.sessions.begin() as session:
        analyst = _analyst(session, by)
        row = _locked(session, study_id)
        row.move_to(StudyState.CANCELLED)
        row.stop, row.ended_at = True, core.clock.now()
        _record(session, core, analyst, "study.stopped", row)


def read_study(core: Core, study_id: UUID) -> StudyView:
    """Return a study; raises NotFoundError."""
    with core.sessions() as session:
        found = session.execute(
            select(GateStudy, Account.username)
            .join(Account, Account.id == GateStudy.asked_by)
            .where(GateStudy.id == study_id)
        ).one_or_none()
    if found is None:
        raise NotFoundError
    return StudyView(*found)


def list_studies(core: Core, *kinds: StudyKind) -> Sequence[StudyView]:
    """List the latest studies of some kinds, the latest first."""
    with core.sessions() as session:
        found = session.execute(
            select(GateStudy, Account.username)
            .join(Account, Account.id == GateStudy.asked_by)
            .where(GateStudy.kind.in_(kinds))
            .order_by(GateStudy.asked_at.desc(), GateStudy.id)
            .limit(LISTED)
        )
        return [StudyView(*row) for row in found]


class StoppedError(Exception):
    """Somebody ended the study while it ran; an end of the job that nobody is told of."""


def begin_study(core: Core, study_id: UUID) -> GateStudy | None:
    """Take a study up, or again after a killed job; None where it is over or unknown."""
    with core.sessions.begin() as session:
        row = session.scalar(select(GateStudy).where(GateStudy.id == study_id).with_for_update())
        if row is None or row.state not in {StudyState.ASKED, StudyState.RUNNING}:
            return None
        row.move_to(StudyState.RUNNING)
        row.done = 0
        session.flush()
        session.expunge(row)
        return row


def tell_progress(core: Core, study_id: UUID, *, done: int, rows: int) -> None:
    """Keep how far a study is; raises StoppedError where somebody ended it."""
    with core.sessions.begin() as session:
        row = _locked(session, study_id)
        if row.stop:
            raise StoppedError
        row.done, row.rows = done, rows


def end_study(core: Core, study_id: UUID, state: StudyState, result: dict[str, Any]) -> None:
    """Keep what a study found, or that it failed; nothing where somebody ended it meanwhile."""
    with core.sessions.begin() as session:
        row = _locked(session, study_id)
        if row.state is StudyState.RUNNING:
            row.move_to(state)
            row.result, row.ended_at = result, core.clock.now()


def _ask(session: Session, core: Core, analyst: Account, kind: StudyKind, wanted: dict[str, Any]) -> UUID:
    row = GateStudy(kind=kind, wanted=wanted, asked_by=analyst.id, asked_at=core.clock.now())
    session.add(row)
    session.flush()
    _record(session, core, analyst, "study.asked", row)
    enqueue(session, "study", study_id=str(row.id))
    return row.id


def _locked(session: Session, study_id: UUID) -> GateStudy:
    row = session.scalar(select(GateStudy).where(GateStudy.id == study_id).with_for_update())
    if row is None:
        raise NotFoundError
    return row


def _analyst(session: Session, by: UUID) -> Account:
    return require(session.get(Account, by), Permission.CHANGE_POLICIES)


def _record(session: Session, core: Core, who: Account, action: str, row: GateStudy) -> None:
    about = {name: value for name, value in row.wanted.items() if name != "source"}
    audit.record(session, core, who, action, str(row.id), kind=row.kind.value, **about)
