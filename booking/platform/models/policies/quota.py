"""Quota policies that analysts still write, and what they tried with them."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Key, Word
from booking.platform.models.policies.policy import Draft


class QuotaDraftState(StrEnum):
    """Where a quota policy stands that analysts still write."""

    OPEN = "open"
    PROPOSED = "proposed"
    DROPPED = "dropped"


class TrialKind(StrEnum):
    """What is worked out about a quota policy."""

    WHAT_IF = "what_if"
    SUGGESTION = "suggestion"


class TrialState(StrEnum):
    """Where the working out of a what-if or a suggestion stands."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED_TRIALS: Final = frozenset({TrialState.ASKED, TrialState.RUNNING})


class QuotaDraft(Draft):
    """A quota policy that analysts still write: open → proposed (as a version) or dropped."""

    __tablename__ = "quota_draft"
    __table_args__ = (CheckConstraint("(state = 'proposed') = (proposed_as IS NOT NULL)", name="proposed_as"),)

    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[QuotaDraftState] = mapped_column(Word(QuotaDraftState))
    based_on: Mapped[int] = mapped_column(ForeignKey("quota_policy.version"))
    shares: Mapped[Json]
    overrides: Mapped[list[Json]]
    proposed_as: Mapped[int | None] = mapped_column(ForeignKey("quota_policy.version"))
    saved_at: Mapped[datetime] = mapped_column("changed_at")
    saved_by: Mapped[UUID] = mapped_column("changed_by", ForeignKey("account.id"))


class QuotaTrial(Base):
    """A what-if or a search for better quotas, worked out by a job: asked → running → done, failed or cancelled.

    ``shares`` and ``overrides`` are what is tried, as it was when it was asked for. ``result`` holds counts of groups,
    never of fewer than five people.
    """

    __tablename__ = "quota_trial"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result"),
        Index("ix_quota_trial_draft", "draft_id", "asked_at"),
        Index("ix_quota_trial_unfinished", "asked_at", postgresql_where=text("state IN ('asked', 'running')")),
    )

    id: Mapped[Key]
    kind: Mapped[TrialKind] = mapped_column(Word(TrialKind))
    state: Mapped[TrialState] = mapped_column(Word(TrialState))
    draft_id: Mapped[UUID | None] = mapped_column(ForeignKey("quota_draft.id"))
    shares: Mapped[Json]
    overrides: Mapped[list[Json]]
    options: Mapped[Json]
    progress: Mapped[int] = mapped_column(SmallInteger)
    result: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    failure: Mapped[str | None] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
