"""Capacity: an office's time intervals and their places by pool."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Word
from booking.platform.models.states import Pool


class Slot(Base):
    """A half hour at an office; ``local_day`` and ``band`` are in the office's own time."""

    __tablename__ = "slot"
    __table_args__ = (UniqueConstraint("office_id", "starts_at"), Index("ix_slot_day", "local_day", "office_id"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    local_day: Mapped[date]
    band: Mapped[str] = mapped_column(String(12))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    counters: Mapped[int] = mapped_column(SmallInteger)


class SlotPool(Base):
    """The places of one pool in one slot; a place is 15 minutes of one counter.

    ``taken`` only moves by conditional statements (`booking.country.places.rows`); the CHECK is the last line of
    defence. ``overbooked`` of the urgent pool's places were added by a supervisor: triggers hold it, and ``taken``, to
    what approved cases take.
    """

    __tablename__ = "slot_pool"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= places", name="not_oversold"),
        CheckConstraint("overbooked >= 0 AND (overbooked = 0 OR pool = 'urgent')", name="overbooked"),
    )

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True)
    pool: Mapped[Pool] = mapped_column(Word(Pool), primary_key=True)
    places: Mapped[int] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(SmallInteger, default=0)
    overbooked: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
