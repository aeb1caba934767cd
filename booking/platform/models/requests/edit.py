"""Edits of requests: what a wish was before, and who left it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json


class RequestEdit(Base):
    """A wish that its owner replaced by another one, in the order in which that happened, from 0.

    ``wish`` are the columns that ``receipt`` covers, with their nonce: the receipt stands in the public log for ever,
    and whoever asks what it was gets an answer. Rows are only added. The request's own row has the wish that counts.
    """

    __tablename__ = "request_edit"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    wish: Mapped[Json]
    receipt: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    edited_at: Mapped[datetime]


class RequestLeft(Base):
    """Somebody who was in a request and left it: free to ask again, and still counted among those asked for."""

    __tablename__ = "request_left"
    __table_args__ = (Index("ix_request_left_person", "person_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    left_at: Mapped[datetime]
