"""Versioned policy: quotas, rate limits, fraud rules, models. A version never changes; one of each is active."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
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
