"""Photos of papers on which people consented to be helped."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base, Key


class ConsentPaper(Base):
    """A photo of the signed form of one consent, kept as plain pages; the one before is removed by the next one.

    ``sha256`` is of the file as it was sent: it stays, so that the same photo with another consent is noticed.
    """

    __tablename__ = "consent_paper"
    __table_args__ = (
        Index("uq_consent_paper_kept", "consent_id", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("ix_consent_paper_consent", "consent_id"),
        Index("ix_consent_paper_sha256", "sha256"),
    )

    id: Mapped[Key]
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"))
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)
    pages: Mapped[int] = mapped_column(SmallInteger)
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
