"""The audit log of staff and policy actions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json


class AuditEntry(Base):
    """One action. ``hash`` covers the entry and ``previous``, the hash of the entry before; triggers refuse changes."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_actor", "actor", "sequence"),
        Index("ix_audit_entry_action", "action", postgresql_ops={"action": "varchar_pattern_ops"}),
        Index("ix_audit_entry_subject", "subject", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
    details: Mapped[Json]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
