"""The backtest that speaks for a version of rules: of exactly its text, finished, and of at least one request."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, Select, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.models import GateStudy, RuleSetVersion
from booking.platform.models.policies.learning import StudyKind, StudyState
from fraud.rules.rule_set import RuleError, parse_rules


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a version by history.

    ``rules`` is the hash of what its text says, "" where it cannot be read any more; ``backtest`` is the best finished
    one, ``under_way`` one that is not finished; ``outdated``: it was compared with other rules than those that
    decide now, so it is shown and no longer speaks for the version.
    """

    rules: str
    backtest: GateStudy | None
    under_way: GateStudy | None
    outdated: bool


def read_evidence(core: Core, version: int) -> Evidence:
    """Return what history says of a version of rules; raises NotFoundError where there is no such version."""
    with core.sessions() as session:
        row = session.get(RuleSetVersion, version)
        if row is None:
            raise NotFoundError
        found = backtest_of(session, row.source)
        return Evidence(
            digest_of(row.source),
            found,
            study_under_way(session, row.source),
            found is not None and found.wanted["against"] != _active(session),
        )


def backtest_of(session: Session, source: str) -> GateStudy | None:
    """Return the finished backtest of exactly this text: against the rules that decide, else the latest; or None.

    One that found no request to judge says nothing and does not count.
    """
    return session.scalar(
        _finished(source).order_by(_against_active(session).desc(), GateStudy.ended_at.desc(), GateStudy.id).limit(1)
    )


def speaking_backtest(session: Session, source: str) -> GateStudy | None:
    """Return the latest finished backtest of exactly this text against the rules that decide now; or None."""
    return session.scalar(
        _finished(source).where(_against_active(session)).order_by(GateStudy.ended_at.desc(), GateStudy.id).limit(1)
    )


def study_under_way(session: Session, source: str) -> GateStudy | None:
    """Return a backtest of exactly this text against the rules that decide that waits or runs; or None."""
    return session.scalar(
        _of_text(source)
        .where(GateStudy.state.in_([StudyState.ASKED, StudyState.RUNNING]), _against_active(session))
        .order_by(GateStudy.asked_at)
        .limit(1)
    )


def digest_of(source: str) -> str:
    """Return the whole hash of what a text of rules says; "" where it cannot be read."""
    try:
        return parse_rules(source).digest
    except RuleError:
        return ""


def _finished(source: str) -> Select[GateStudy]:
    return _of_text(source).where(
        GateStudy.state == StudyState.DONE, GateStudy.result["judged"].astext.cast(Integer) > 0
    )


def _of_text(source: str) -> Select[GateStudy]:
    """Find by the whole hash; studies that were asked for before it was kept, by the text."""
    same_rules, same_text = (
        GateStudy.wanted[name].astext == value for name, value in (("rules", digest_of(source)), ("source", source))
    )
    return select(GateStudy).where(GateStudy.kind == StudyKind.BACKTEST, same_rules | same_text)


def _against_active(session: Session) -> ColumnElement[bool]:
    against: ColumnElement[str] = GateStudy.wanted["against"].astext
    return against == str(_active(session))


def _active(session: Session) -> int | None:
    return session.scalar(select(RuleSetVersion.version).where(RuleSetVersion.active))
