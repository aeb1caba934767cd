"""Verdicts of the gate and appeals against them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Json, Key, Word
from booking.platform.models.policies.learning import ShadowScore, ShadowVerdict
from booking.platform.models.requests.request import Request
from booking.platform.models.states import AppealState


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
