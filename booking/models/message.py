"""Messages to people: written with the change they tell of, sent by a job."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base, Json, Key


class Message(Base):
    """A notice to an account. ``values`` fill the template ``kind`` in the account's language at sending time.

    A code to confirm a phone is personal, so ``secret`` holds it encrypted and it never stands in ``values``.
    It is not sent before ``not_before``: what may still be undone is not told yet.
    """

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_unsent", "created_at", postgresql_where=text("sent_at IS NULL")),)

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    values: Mapped[Json]
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
