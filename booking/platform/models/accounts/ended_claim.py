"""Claims on numbers that ended because the number's owner was proven elsewhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.identity import IdentityLevel


class EndedClaim(Base):
    """An account that acted for somebody without a proof, until another account had one.

    It may be a mistyped digit, a grown-up child, or somebody who collects numbers: the gate counts them, and decides
    nothing by one.
    """

    __tablename__ = "ended_claim"
    __table_args__ = (
        Index("ix_ended_claim_account", "account_id", "ended_at"),
        Index("ix_ended_claim_person", "person_id"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    level: Mapped[IdentityLevel] = mapped_column(Word(IdentityLevel))
    since: Mapped[datetime]
    ended_at: Mapped[datetime]
