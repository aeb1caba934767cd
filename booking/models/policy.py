"""Versioned policy: quotas, rate limits, fraud rules, models. A version never changes; one of each is active."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base, Json


def _one_active(table: str) -> Index:
    return Index(f"uq_{table}_active", text("(active)"), unique=True, postgresql_where=text("active"))


class QuotaPolicy(Base):
    """How capacity splits into pools: ``shares`` maps office kind to pool to share."""

    __tablename__ = "quota_policy"
    __table_args__ = (_one_active("quota_policy"),)

    version: Mapped[int] = mapped_column(primary_key=True)
    shares: Mapped[Json]
    limits: Mapped[Json]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


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


class RuleSetVersion(Base):
    """A rule set as its author wrote it."""

    __tablename__ = "rule_set_version"
    __table_args__ = (_one_active("rule_set_version"),)

    version: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class ModelVersion(Base):
    """A trained classifier: the artefact's bytes and its metadata (schema, metrics, threshold)."""

    __tablename__ = "model_version"
    __table_args__ = (_one_active("model_version"),)

    version: Mapped[int] = mapped_column(primary_key=True)
    artifact: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    details: Mapped[Json]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
