"""Which person a colleague is, and changes of staff that one administrator proposes and another one confirms."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.states import checked_move


class StaffPerson(Base):
    """The person whose staff account it is, as the register agreed. ``bound_by`` is empty for the command line."""

    __tablename__ = "staff_person"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    bound_at: Mapped[datetime]
    bound_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class StaffChangeKind(StrEnum):
    """What two administrators do together."""

    CREATE = "create"
    ROLES = "roles"
    PROVIDER = "provider"
    SECOND_FACTOR = "second_factor"
    OPEN = "open"
    PERSON = "person"


class StaffChangeState(StrEnum):
    """Where a proposed change of staff stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"


_S = StaffChangeState
STAFF_CHANGE_MOVES: Final[Mapping[StaffChangeState, frozenset[StaffChangeState]]] = {
    _S.PROPOSED: frozenset({_S.CONFIRMED, _S.REFUSED, _S.EXPIRED}),
    _S.CONFIRMED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.EXPIRED: frozenset(),
}


class StaffChange(Base):
    """A change of a colleague's account that waits for a second administrator until ``expires_at``.

    ``account_id`` is the colleague; of a new one it is empty until the change is confirmed. ``wanted`` are the sealed
    fields of the form, forgotten once the change is over. Triggers keep the rest as it was proposed and demand that
    another person confirms it. Life cycle: `STAFF_CHANGE_MOVES`.
    """

    __tablename__ = "staff_change"
    __table_args__ = (
        Index("ix_staff_change_waiting", "expires_at", postgresql_where=text("state = 'proposed'")),
        CheckConstraint(
            "(state IN ('confirmed', 'refused')) = (decided_by IS NOT NULL)"
            " AND (state = 'proposed') = (decided_at IS NULL)",
            name="decided_whole",
        ),
        CheckConstraint("(state = 'proposed') = (wanted IS NOT NULL)", name="forgotten_once_over"),
        CheckConstraint("kind = 'create' OR account_id IS NOT NULL", name="whose"),
    )

    id: Mapped[Key]
    kind: Mapped[StaffChangeKind] = mapped_column(Word(StaffChangeKind))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    wanted: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(2000))
    state: Mapped[StaffChangeState] = mapped_column(Word(StaffChangeState), default=StaffChangeState.PROPOSED)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]

    def end(self, state: StaffChangeState, *, at: datetime, by: UUID | None = None) -> None:
        """Make the one move of the life cycle and forget what was wanted; raises IllegalMoveError."""
        self.state = checked_move(STAFF_CHANGE_MOVES, self.state, state)
        self.decided_at, self.decided_by, self.wanted = at, by, None
