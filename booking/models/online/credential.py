"""Results that were given out as verifiable credentials."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base


class IssuedCredential(Base):
    """A place in a status list that a credential names, and the result whose end ends it.

    Both numbers are drawn at random, so that no place says when a credential was issued, or after which. Each download
    gets a place of its own, and two of them have nothing in common; from a certain number on, the place of a result
    that was given out longest ago is given out again (``issued_at`` moves).
    """

    __tablename__ = "issued_credential"
    __table_args__ = (
        CheckConstraint("list >= 0 AND position >= 0", name="place"),
        Index("ix_issued_credential_result_id", "result_id"),
    )

    list: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    result_id: Mapped[UUID] = mapped_column(ForeignKey("issued_result.id"))
    issued_at: Mapped[datetime]
