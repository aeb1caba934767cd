"""How likely an appointment is at an office, as draws that are over showed."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json


class DrawChance(Base):
    """What one draw showed of an office; nobody sees it before the draw is published, and then only with others.

    ``asked``: newcomers who named the office. ``shares``: the chance that one more of them would have had, by "any",
    "day:6" (a weekday, 0 is Monday) and "band:morning". Written with the draw's result.
    """

    __tablename__ = "draw_chance"
    __table_args__ = (CheckConstraint("asked >= 0", name="asked"),)

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    asked: Mapped[int]
    shares: Mapped[Json]


class OfficeChance(Base):
    """What the last draws together say of an office, as everyone reads it; made anew when a draw is published.

    ``chances``: per cent in steps of five, lowest, likely and highest, by the keys of `DrawChance.shares`. An office
    without a row has had too few requests to say.
    """

    __tablename__ = "office_chance"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    draws: Mapped[int] = mapped_column(SmallInteger)
    chances: Mapped[Json]
