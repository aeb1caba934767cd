"""Exceptions from the gate's rules, granted by staff for a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key


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
