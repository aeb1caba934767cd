"""Photos of papers on which people consented to be helped."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base
from booking.platform.models.stored_file import StoredFile


class ConsentPaper(StoredFile, Base):
    """A photo of the signed form of one consent; the one before is removed by the next one."""

    __tablename__ = "consent_paper"
    __table_args__ = (
        Index("uq_consent_paper_kept", "consent_id", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("ix_consent_paper_consent", "consent_id"),
        Index("ix_consent_paper_sha256", "sha256"),
    )

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"))
