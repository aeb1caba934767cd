"""Original papers of a case that somebody abroad asked for: how they reach a consulate, and where they are."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Word
from booking.platform.models.offices.office import Office
from booking.platform.models.online.online import OnlineCase
from booking.platform.models.online.states import ORIGINALS_MOVES, OriginalsState, PaperWay
from booking.platform.models.states import checked_move


class CaseOriginals(Base):
    """The original papers of one case. Life cycle: `ORIGINALS_MOVES`.

    ``last_day`` is the one on which posted papers still count, set when they are first waited for. ``tracking`` is what
    the carrier calls the letter by which they went back.
    """

    __tablename__ = "case_originals"
    __table_args__ = (
        Index("ix_case_originals_office", "office_id", "state"),
        Index("ix_case_originals_last_day", "last_day", postgresql_where=text("state = 'awaited'")),
        CheckConstraint("way = 'post' OR state = 'chosen'", name="only_post_moves"),
        CheckConstraint("(last_day IS NULL) = (state = 'chosen')", name="last_day"),
        CheckConstraint("(sent_back_at IS NULL) = (state <> 'sent_back')", name="sent_back"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("online_case.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    way: Mapped[PaperWay] = mapped_column(Word(PaperWay))
    state: Mapped[OriginalsState] = mapped_column(Word(OriginalsState), default=OriginalsState.CHOSEN)
    last_day: Mapped[date | None]
    reminded_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    sent_back_at: Mapped[datetime | None]
    tracking: Mapped[str] = mapped_column(String(60), default="")

    case: Mapped[OnlineCase] = relationship(lazy="joined")
    office: Mapped[Office] = relationship(lazy="joined")

    def move_to(self, state: OriginalsState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(ORIGINALS_MOVES, self.state, state)
