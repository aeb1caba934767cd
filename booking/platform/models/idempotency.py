"""Answers already given, so that a repeated POST creates nothing twice."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base


class IdempotencyKey(Base):
    """A key that a client chose, written in the transaction that it protects. ``result`` names what was made."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
