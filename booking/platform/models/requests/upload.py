"""A file that comes in parts, over a bad network."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key


class EvidenceUpload(Base):
    """Evidence of an urgent case on its way: ``received`` of ``length`` bytes have come, in ``parts`` encrypted files.

    ``evidence_id`` names what it became. When it is ``over``, its parts are gone.
    """

    __tablename__ = "evidence_upload"
    __table_args__ = (
        Index("ix_evidence_upload_case", "urgent_request_id", "created_at"),
        Index("ix_evidence_upload_created", "created_at"),
        CheckConstraint("0 <= received AND received <= length AND length > 0 AND parts >= 0", name="bounds"),
    )

    id: Mapped[Key]
    urgent_request_id: Mapped[UUID] = mapped_column(ForeignKey("urgent_request.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    length: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(SmallInteger, default=0)
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("urgent_evidence.id"))
    over: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
