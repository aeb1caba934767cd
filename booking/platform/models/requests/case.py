"""Verdicts of the gate, appeals, and questions that officers answer."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Json, Key, Word, held_by_triggers
from booking.platform.models.policies.learning import ShadowScore, ShadowVerdict
from booking.platform.models.requests.request import Request
from booking.platform.models.states import AppealState


class CaseKind(StrEnum):
    """What an officer is asked in a review case."""

    SAME_PERSON = "same_person"
    RING = "ring"
    APPROVALS = "approvals"
    EVIDENCE = "evidence"
    LINKED = "linked"


WATCH_KINDS: Final = (CaseKind.APPROVALS, CaseKind.EVIDENCE, CaseKind.LINKED)
"""Questions about how urgent cases are approved: for those who watch approvals, but not for the officers concerned."""


class CaseState(StrEnum):
    """Where a review case stands."""

    OPEN = "open"
    DECIDED = "decided"
    MERGED = "merged"


CASE_MOVES: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    CaseState.OPEN: frozenset({CaseState.DECIDED, CaseState.MERGED}),
}
"""Two open cases whose rings turn out to be one are merged: the older goes on."""


class CaseDecision(StrEnum):
    """What an officer answered in a review case."""

    SAME = "same"
    DIFFERENT = "different"
    RESELLING = "reselling"
    HONEST = "honest"
    EXPLAINED = "explained"
    FOLLOW_UP = "follow_up"


CASE_DECISIONS: Final[Mapping[CaseKind, frozenset[CaseDecision]]] = {
    CaseKind.SAME_PERSON: frozenset({CaseDecision.SAME, CaseDecision.DIFFERENT}),
    CaseKind.RING: frozenset({CaseDecision.RESELLING, CaseDecision.HONEST}),
    **dict.fromkeys(WATCH_KINDS, frozenset({CaseDecision.EXPLAINED, CaseDecision.FOLLOW_UP})),
}
"""The answers that each kind of case has."""


class Verdict(Base):
    """What the gate, or later an officer, decided about a request, with everything that decided it.

    ``inputs`` are the facts (no personal data), ``versions`` the rule set, model and limits; ``reasons`` are codes
    with Arabic and English sentences as they were shown. ``contributions`` add up to the log-odds of the score;
    ``shadow_scores`` and ``shadow_verdicts`` are those of models and rules that decide nothing. ``officer_id`` is empty
    for the gate's own verdicts.
    """

    __tablename__ = "verdict"
    __table_args__ = (Index("ix_verdict_request", "request_id", "decided_at"), Index("ix_verdict_day", "decided_at"))

    id: Mapped[Key]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    decision: Mapped[str] = mapped_column(String(12))
    reasons: Mapped[list[Json]]
    score: Mapped[float | None]
    inputs: Mapped[Json]
    versions: Mapped[Json]
    degraded: Mapped[bool]
    contributions: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime]

    request: Mapped[Request] = relationship()
    shadow_scores: Mapped[list[ShadowScore]] = relationship()
    shadow_verdicts: Mapped[list[ShadowVerdict]] = relationship()


class Appeal(Base):
    """A person's objection to a refusal; at most one open at a time for a request.

    It ends with its request (`booking.scheduling.requests.rows.answer_end`). A trigger refuses an answer
    (``decided_by``) from the officer who made the verdict that is appealed. ``answer_by`` is the last day for it, as
    policy had it when the appeal came; one that is open later is escalated to supervisors.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        Index("uq_appeal_open", "request_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_appeal_request", "request_id", "created_at"),
        Index("ix_appeal_open", "answer_by", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Key]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    verdict_id: Mapped[UUID] = mapped_column(ForeignKey("verdict.id"))
    words: Mapped[str]
    state: Mapped[AppealState] = mapped_column(Word(AppealState), default=AppealState.OPEN)
    created_at: Mapped[datetime]
    answer_by: Mapped[date]
    escalated_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))

    request: Mapped[Request] = relationship()


class ReviewCase(Base):
    """One question to an officer, with its evidence and its answer.

    Life cycle: `CASE_MOVES`. ``subjects`` are the people of a pair or a ring's own accounts;
    ``subject_key`` is the one text of these subjects, so that the same question is not open twice, and a pair that was
    decided is never asked about again. ``evidence`` holds no personal data: numbers, levels, shortened keyed hashes.
    ``revision`` rises with the evidence: an officer decides what was read. A case that is not open any more never
    changes (a trigger). Questions about approvals are for those who watch them: the supervisors of ``office_id``, or
    where it is empty those of every office; never for the officers whom they ``concern``. A ring ``concerns`` the
    accounts that it only helped: they are kept so that an officer among them decides nothing about it, and read for
    nothing else.
    """

    __tablename__ = "review_case"
    __table_args__ = (
        Index(
            "uq_review_case_subject",
            "kind",
            "subject_key",
            unique=True,
            postgresql_where=text("state = 'open' OR kind = 'same_person'"),
        ),
        Index("ix_review_case_open", "opened_at", postgresql_where=text("state = 'open'")),
        Index("ix_review_case_subjects", "subjects", postgresql_using="gin"),
        CheckConstraint(
            "(state = 'decided') = (decision IS NOT NULL AND officer_id IS NOT NULL AND note <> '')", name="decided"
        ),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("officer_id IS NULL OR officer_id <> ALL (concerns)", name="not_by_whom_it_concerns"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[CaseKind] = mapped_column(Word(CaseKind))
    state: Mapped[CaseState] = mapped_column(Word(CaseState), default=CaseState.OPEN)
    subjects: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    subject_key: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[Json]
    revision: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    decision: Mapped[CaseDecision | None] = mapped_column(Word(CaseDecision))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    concerns: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))


class PersonKey(Base):
    """A keyed hash of something that two records of one person would share; records with equal ones are compared.

    ``key`` is the first 64 bits of the hash. The keys of a record go with it.
    """

    __tablename__ = "person_key"
    __table_args__ = (
        held_by_triggers("member_id", "household_member.id"),
        Index("ix_person_key_member", "member_id"),
    )

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
