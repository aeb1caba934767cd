"""Versioned policy: quotas, rate limits, fraud rules, models, drafts of quotas, and exceptions."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Key, Word
from booking.platform.models.states import VersionState


def _one_active(table: str) -> Index:
    return Index(f"uq_{table}_active", text("(active)"), unique=True, postgresql_where=text("active"))


def _by_two_people(table: str, *, or_else: str = "bootstrap") -> tuple[Any, ...]:
    """Constraints of a version that one person proposes and another one activates, ``or_else`` excepted."""
    return (
        _one_active(table),
        CheckConstraint("active = (state = 'active')", name="active_state"),
        CheckConstraint("state <> 'active' OR bootstrap OR activated_at IS NOT NULL", name="activated"),
        CheckConstraint(
            f"activated_at IS NULL OR {or_else} "
            "OR (activated_by IS NOT NULL AND activated_by IS DISTINCT FROM created_by)",
            name="two_people",
        ),
    )


def _approved_by_another(table: str) -> tuple[Any, ...]:
    """Constraints of a version that may be seen in shadow before it decides."""
    shadow = Index(f"uq_{table}_shadow", text("(state)"), unique=True, postgresql_where=text("state = 'shadow'"))
    return (*_by_two_people(table), shadow)


class ApprovedVersion(Base):
    """A version that one person proposes and another one activates. Life cycle: `booking.platform.models.states`.

    ``created_by`` proposed it, ``activated_by`` made it active first, at ``activated_at``; a rollback changes neither,
    so that the instants are the order to go back in. ``bootstrap`` marks the very first version of an installation,
    which the system itself made active. Triggers keep all but the state and the activation as they were inserted,
    refuse a bootstrap where versions exist, a first state that is not a draft, and a draft that nobody proposed.
    """

    __abstract__ = True

    version: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[VersionState] = mapped_column(Word(VersionState))
    active: Mapped[bool]
    bootstrap: Mapped[bool]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    activated_at: Mapped[datetime | None]
    activated_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class QuotaPolicy(ApprovedVersion):
    """How capacity splits into pools, and the limits of everything that a policy bounds.

    ``shares`` maps office kind to pool to share; ``overrides`` are the rows of regions, offices and weekdays
    (`booking.country.policy.quota_table`). ``limits_only`` marks a version that changes limits alone, made active at a
    terminal by one person: triggers demand that its quotas are the active ones. A proposed version takes the limits
    that hold when it becomes active first; from then on nothing but its state changes.
    """

    __tablename__ = "quota_policy"
    __table_args__ = _by_two_people("quota_policy", or_else="bootstrap OR limits_only")

    shares: Mapped[Json]
    overrides: Mapped[list[Json]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    limits: Mapped[Json]
    limits_only: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class LimitSetVersion(Base):
    """Rate limits as their author wrote them; ``digest`` is the version by which verdicts name them."""

    __tablename__ = "limit_set_version"
    __table_args__ = (_one_active("limit_set_version"),)

    version: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    digest: Mapped[str] = mapped_column(String(12))
    active: Mapped[bool]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class RuleSetVersion(ApprovedVersion):
    """A rule set as its author wrote it.

    At most one version is in shadow: it judges every live request beside the active one and decides nothing.
    """

    __tablename__ = "rule_set_version"
    __table_args__ = _approved_by_another("rule_set_version")

    source: Mapped[str]


class Draft(Base):
    """What analysts write together until one of them proposes it as a version.

    ``revision`` grows with every save, which names the revision that was read, so nobody overwrites a colleague
    unseen.
    """

    __abstract__ = True

    id: Mapped[Key]
    title: Mapped[str]
    revision: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime]
    saved_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


class RuleDraft(Draft):
    """A text of rules, faulty or not.

    ``proposed_as`` is the version that it became; then it is not changed any more. ``based_on`` is the version that it
    was copied from.
    """

    __tablename__ = "rule_draft"
    __table_args__ = (CheckConstraint("revision > 0", name="revision"),)

    title: Mapped[str] = mapped_column(String(80))
    source: Mapped[str]
    based_on: Mapped[int | None] = mapped_column(ForeignKey("rule_set_version.version"))
    proposed_as: Mapped[int | None] = mapped_column(ForeignKey("rule_set_version.version"))


class VersionStep(Base):
    """A step of a version's life with its reason, as analysts read it; the audit log holds the same steps.

    ``kind`` is quotas, rules, model or no-show, ``step`` proposed, shadow, retired, activated or rolled_back.
    Rows are never changed or removed (triggers).
    """

    __tablename__ = "version_step"
    __table_args__ = (Index("ix_version_step_version", "kind", "version", "at"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    step: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(2000))


class ModelVersion(ApprovedVersion):
    """A trained score: the artefact's bytes and its metadata (schema, metrics, thresholds).

    At most one version is in shadow: it scores every live request beside the active one and decides nothing.
    """

    __tablename__ = "model_version"
    __table_args__ = _approved_by_another("model_version")

    artifact: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    details: Mapped[Json]


class NoShowModelVersion(ApprovedVersion):
    """A model of who will come to an appointment. It feeds reminders and overbooking; the gate never reads it."""

    __tablename__ = "no_show_model_version"
    __table_args__ = _approved_by_another("no_show_model_version")

    artifact: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    details: Mapped[Json]


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


class RuleException(Base):
    """Rules that do not apply to one person, device, phone, account or helper until ``expires_at``.

    ``subject`` is the keyed hash of the person's number, of the device, of the phone or of the account's id: the
    table says nothing about anyone. ``rule`` is a rule's name, or "*" for all of them. An exception is never changed
    but by approving or revoking it. All three are in the audit log, with the reason. One from all rules holds from
    ``approved_at`` on, when another person than ``granted_by`` approved it (triggers).
    """

    __tablename__ = "rule_exception"
    __table_args__ = (
        Index("ix_rule_exception_subject", "subject", "expires_at"),
        CheckConstraint("expires_at > granted_at", name="some_time"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval_whole"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(8))
    subject: Mapped[bytes] = mapped_column(LargeBinary)
    rule: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(300))
    granted_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]

    def waits(self, now: datetime) -> bool:
        """Return whether it is from all rules and holds only once another person approves it."""
        return self.rule == "*" and self.approved_at is None and self.revoked_at is None and now < self.expires_at
