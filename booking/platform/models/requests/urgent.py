"""Urgent cases: someone who cannot wait for the draw, their evidence, and what officers did about it."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Json, Word
from booking.platform.models.hands import DecisionOnCase, InHands
from booking.platform.models.offices.office import Office
from booking.platform.models.requests.request import Request
from booking.platform.models.states import URGENT_MOVES, UrgentAct, UrgentState, checked_move
from booking.platform.models.stored_file import StoredFile

_LIVE: Final = "state IN ('draft', 'submitted', 'assigned', 'needs_second', 'needs_evidence', 'approved')"


class UrgentRequest(InHands, Base):
    """A wish to be let past the draw, beside the request that stays in it. Life cycle: `URGENT_MOVES`.

    ``office_id`` is whose officers decide; ``for_supervisor`` that it was referred to the supervisors there.
    ``over_pool``: the place is one beyond the pool, which a supervisor added. Triggers refuse, at commit, an approved
    case or an appointment in the urgent pool without the approvals that the active policy demands.
    """

    __tablename__ = "urgent_request"
    __table_args__ = (
        Index("ix_urgent_request_request", "request_id", "created_at"),
        Index("uq_urgent_request_live", "request_id", unique=True, postgresql_where=text(_LIVE)),
        Index(
            "ix_urgent_request_queue",
            "office_id",
            "needed_by",
            postgresql_where=text("state IN ('submitted', 'assigned', 'needs_second')"),
        ),
        Index("ix_urgent_request_account", "account_id", "created_at"),
        CheckConstraint("(assigned_to IS NULL) OR state NOT IN ('draft', 'submitted')", name="assigned"),
        CheckConstraint("severity BETWEEN 1 AND 5", name="severity"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    state: Mapped[UrgentState] = mapped_column(Word(UrgentState), default=UrgentState.DRAFT)
    reason_code: Mapped[str] = mapped_column(String(40))
    severity: Mapped[int] = mapped_column(SmallInteger)
    needed_by: Mapped[date]
    words: Mapped[str] = mapped_column(default="")
    evidence_note: Mapped[str] = mapped_column(default="")
    for_supervisor: Mapped[bool] = mapped_column(default=False)
    over_pool: Mapped[bool] = mapped_column(default=False)
    level: Mapped[str | None] = mapped_column(String(12))

    request: Mapped[Request] = relationship(lazy="joined")
    office: Mapped[Office] = relationship(lazy="joined")
    evidence: Mapped[list["UrgentEvidence"]] = relationship(
        back_populates="case", order_by="(UrgentEvidence.uploaded_at, UrgentEvidence.id)"
    )
    decisions: Mapped[list["UrgentDecision"]] = relationship(back_populates="case", order_by="UrgentDecision.number")

    def move_to(self, state: UrgentState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(URGENT_MOVES, self.state, state)


class UrgentEvidence(StoredFile, Base):
    """A file that speaks for urgency; ``fingerprints`` find near copies of each page."""

    __tablename__ = "urgent_evidence"
    __table_args__ = (
        Index(
            "uq_urgent_evidence_file",
            "urgent_request_id",
            "sha256",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_urgent_evidence_sha256", "sha256"),
        Index("ix_urgent_evidence_uploaded_at", "uploaded_at"),
        CheckConstraint("pages > 0 AND size > 0", name="some"),
    )

    urgent_request_id: Mapped[UUID] = mapped_column(ForeignKey("urgent_request.id"))
    fingerprints: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))

    case: Mapped[UrgentRequest] = relationship(back_populates="evidence")


class UrgentDecision(DecisionOnCase, Base):
    """What one officer did, and why. Triggers refuse any change but ``undone_at``, and an officer without the role.

    An approval has a ``position`` (1, or 2 for the second person) and names the first slot of the place. Of one case
    no officer has two standing approvals, and no position is given twice (partial unique indexes).
    """

    __tablename__ = "urgent_decision"
    __table_args__ = (
        Index(
            "uq_urgent_decision_officer",
            "urgent_request_id",
            "officer_id",
            unique=True,
            postgresql_where=text("act = 'approval' AND undone_at IS NULL"),
        ),
        Index(
            "uq_urgent_decision_position",
            "urgent_request_id",
            "position",
            unique=True,
            postgresql_where=text("act = 'approval' AND undone_at IS NULL"),
        ),
        Index("ix_urgent_decision_officer", "officer_id", "at"),
        Index("ix_urgent_decision_at", "at"),
        CheckConstraint(
            "(act = 'approval') = (position IS NOT NULL) AND (act = 'approval') = (slot_id IS NOT NULL)",
            name="approval",
        ),
        CheckConstraint("position IN (1, 2)", name="position"),
        CheckConstraint("note <> ''", name="noted"),
    )

    urgent_request_id: Mapped[UUID] = mapped_column(ForeignKey("urgent_request.id"), index=True)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    act: Mapped[UrgentAct] = mapped_column(Word(UrgentAct))
    position: Mapped[int | None] = mapped_column(SmallInteger)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    details: Mapped[Json] = mapped_column(default=dict)
    undone_at: Mapped[datetime | None]

    case: Mapped[UrgentRequest] = relationship(back_populates="decisions")
