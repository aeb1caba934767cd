"""Requests that a clerk typed for a person who stood at the counter."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base


class CounterRequest(Base):
    """That a request was asked for at an office's counter, by which clerk; the office's clerks may look at it."""

    __tablename__ = "counter_request"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    clerk_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
