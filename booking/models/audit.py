"""The audit log of staff and policy actions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base, Json


class AuditEntry(Base):
    """One action. ``hash`` covers the entry and ``previous``, the hash of the entry before; triggers refuse changes."""

    __tablename__ = "audit_entry"

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
    details: Mapped[Json]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
