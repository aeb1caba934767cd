"""Secret addresses from which calendars of others read: somebody's appointments, or what comes to an office."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Word


class FeedKind(StrEnum):
    """What a calendar shows: the account's own appointments, each party at its office, or its office hour by hour."""

    OWN = "own"
    COUNTER = "counter"
    OFFICE = "office"


class CalendarFeed(Base):
    """An address that was given out: whoever knows its random value, of which ``secret_hash`` is kept, may read.

    An account has at most one of a kind; another one takes its place. ``read_on`` is the last day on which somebody
    read from it (UTC). The row goes when the address is taken back, when its account chooses a new password, closes or
    gets other work, and when nobody has read for long.
    """

    __tablename__ = "calendar_feed"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[FeedKind] = mapped_column(Word(FeedKind), primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    read_on: Mapped[date | None]
