"""Exceptions from the gate's rules, granted by staff for a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base, Key


class RuleException(Base):
    """Rules that do not apply to one person, device, phone, account or helper until ``expires_at``.

    ``subject`` is the keyed hash of the person's number, of the device, of the phone or of the account's id: the
    table says nothing about anyone. ``rule`` is a rule's name, or "*" for all of them. An exception is never changed
    but by revoking it. Granting and revoking are in the audit log, with the reason.
    """

    __tablename__ = "rule_exception"
    __table_args__ = (
        Index("ix_rule_exception_subject", "subject", "expires_at"),
        CheckConstraint("expires_at > granted_at", name="some_time"),
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
