"""Rosters of an office: who works when, as asked for, solved, published, and repaired on the day."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Key, Word
from booking.platform.models.states import checked_move


class RosterState(StrEnum):
    """Where a roster stands; only a published one counts, and the next one of the same days takes its place."""

    ASKED = "asked"
    SOLVED = "solved"
    PUBLISHED = "published"
    REPLACED = "replaced"
    DROPPED = "dropped"


_S = RosterState
ROSTER_MOVES: Final[Mapping[RosterState, frozenset[RosterState]]] = {
    _S.ASKED: frozenset({_S.SOLVED, _S.DROPPED}),
    _S.SOLVED: frozenset({_S.PUBLISHED, _S.DROPPED}),
    _S.PUBLISHED: frozenset({_S.REPLACED}),
    _S.REPLACED: frozenset(),
    _S.DROPPED: frozenset(),
}


class Roster(Base):
    """The shifts of an office from ``first_day`` on for some weeks. Life cycle: `ROSTER_MOVES`.

    ``share_done`` is how far the solver is, ``figures`` what it found (people served, hours, gap, what one more hour
    serves a day). At most one roster that is not over, beside a published one, is being made for a first day.
    """

    __tablename__ = "roster"
    __table_args__ = (
        Index(
            "uq_roster_open",
            "office_id",
            "first_day",
            unique=True,
            postgresql_where=text("state IN ('asked', 'solved')"),
        ),
        Index(
            "uq_roster_published",
            "office_id",
            "first_day",
            unique=True,
            postgresql_where=text("state = 'published'"),
        ),
        CheckConstraint("weeks BETWEEN 1 AND 6", name="weeks"),
    )

    id: Mapped[Key]
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    first_day: Mapped[date]
    weeks: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[RosterState] = mapped_column(Word(RosterState), default=RosterState.ASKED)
    share_done: Mapped[float] = mapped_column(default=0.0)
    figures: Mapped[Json] = mapped_column(default=dict)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    solved_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]

    def move_to(self, state: RosterState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(ROSTER_MOVES, self.state, state)


class RosterShift(Base):
    """That somebody has a shift of the country pack on a day; ``changed_at``: since it was published, by a repair."""

    __tablename__ = "roster_shift"
    __table_args__ = (Index("ix_roster_shift_account_id", "account_id", "day"),)

    roster_id: Mapped[UUID] = mapped_column(ForeignKey("roster.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    shift: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime | None]


class StaffTerms(Base):
    """What somebody's contract says where it differs from the pack, and what they can do beside serving."""

    __tablename__ = "staff_terms"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    week_minutes: Mapped[int] = mapped_column(SmallInteger)
    skills: Mapped[list[Any]] = mapped_column(default=list)


class StaffLeave(Base):
    """Days on which somebody does not work, the last one included; why is not kept."""

    __tablename__ = "staff_leave"
    __table_args__ = (
        Index("ix_staff_leave_account_id", "account_id", "last_day"),
        CheckConstraint("first_day <= last_day", name="in_order"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]


class RepairState(StrEnum):
    """Where the repair of a day stands."""

    ASKED = "asked"
    PLANNED = "planned"
    APPLIED = "applied"
    DROPPED = "dropped"


_R = RepairState
REPAIR_MOVES: Final[Mapping[RepairState, frozenset[RepairState]]] = {
    _R.ASKED: frozenset({_R.PLANNED, _R.DROPPED}),
    _R.PLANNED: frozenset({_R.APPLIED, _R.DROPPED}),
    _R.APPLIED: frozenset(),
    _R.DROPPED: frozenset(),
}


class RosterRepair(Base):
    """A day whose shifts are made anew because people are absent. Life cycle: `REPAIR_MOVES`.

    ``absent`` are their accounts; ``plan`` what changes: shifts (account, was, becomes), counters by hour, and the
    hours that stay short of what is booked. A day has at most one repair that is not over (partial unique index).
    """

    __tablename__ = "roster_repair"
    __table_args__ = (
        Index(
            "uq_roster_repair_open",
            "roster_id",
            "day",
            unique=True,
            postgresql_where=text("state IN ('asked', 'planned')"),
        ),
    )

    id: Mapped[Key]
    roster_id: Mapped[UUID] = mapped_column(ForeignKey("roster.id"))
    day: Mapped[date]
    state: Mapped[RepairState] = mapped_column(Word(RepairState), default=RepairState.ASKED)
    absent: Mapped[list[Any]]
    plan: Mapped[Json] = mapped_column(default=dict)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def move_to(self, state: RepairState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(REPAIR_MOVES, self.state, state)
