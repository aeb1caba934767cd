"""Cases of services asked for online: the answers, the papers, and what officers of the agency did."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Json, Word
from booking.platform.models.hands import DecisionOnCase, InHands
from booking.platform.models.offices.office import Service
from booking.platform.models.online.states import ONLINE_MOVES, OnlineAct, OnlineState
from booking.platform.models.states import checked_move
from booking.platform.models.stored_file import StoredFile

_RUNNING: Final = "state IN ('awaiting_papers', 'awaiting_payment', 'needs_more', 'submitted', 'assigned', 'approved')"


class OnlineCase(InHands, Base):
    """A service asked for online, for one person. Life cycle: `ONLINE_MOVES`.

    ``answers`` are encrypted, bound to the case. ``spec`` is the service's file as it was when the case was sent: from
    then on it decides. ``subject`` is the keyed hash of what the result is for (`ResultSpec.once_for`), empty
    where it is for the person alone: of one service, a person has one running case for one subject, and one draft.
    """

    __tablename__ = "online_case"
    __table_args__ = (
        Index(
            "uq_online_case_running",
            "person_id",
            "service_id",
            "subject",
            unique=True,
            postgresql_where=text(_RUNNING),
        ),
        Index(
            "uq_online_case_draft",
            "account_id",
            "person_id",
            "service_id",
            unique=True,
            postgresql_where=text("state = 'draft'"),
        ),
        Index(
            "ix_online_case_queue",
            "agency_code",
            "submitted_at",
            postgresql_where=text("state IN ('submitted', 'assigned', 'approved')"),
        ),
        Index("ix_online_case_account", "account_id", "created_at"),
        CheckConstraint(
            "(assigned_to IS NULL) OR state NOT IN ('awaiting_papers', 'draft', 'awaiting_payment', 'submitted')",
            name="assigned",
        ),
        CheckConstraint("(submitted_at IS NULL) OR state <> 'draft'", name="draft_is_not_sent"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    agency_code: Mapped[str] = mapped_column(String(40))
    residence: Mapped[str] = mapped_column(String(12))
    state: Mapped[OnlineState] = mapped_column(Word(OnlineState), default=OnlineState.DRAFT)
    answers: Mapped[bytes] = mapped_column(LargeBinary)
    spec: Mapped[Json] = mapped_column(default=dict)
    subject: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    note: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    due_on: Mapped[date | None]

    service: Mapped[Service] = relationship(lazy="joined")
    papers: Mapped[list["OnlinePaper"]] = relationship(
        back_populates="case", order_by="(OnlinePaper.uploaded_at, OnlinePaper.id)"
    )
    decisions: Mapped[list["OnlineDecision"]] = relationship(back_populates="case", order_by="OnlineDecision.number")

    def move_to(self, state: OnlineState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(ONLINE_MOVES, self.state, state)


class OnlinePaper(StoredFile, Base):
    """A file attached to a case; ``document_code`` is the paper of the service's file that it is."""

    __tablename__ = "online_paper"
    __table_args__ = (
        Index(
            "uq_online_paper_file",
            "case_id",
            "document_code",
            "sha256",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_online_paper_sha256", "sha256"),
        CheckConstraint("pages > 0 AND size > 0", name="some"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("online_case.id"))
    document_code: Mapped[str] = mapped_column(String(60))
    fingerprints: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))

    case: Mapped[OnlineCase] = relationship(back_populates="papers")


class OnlineDecision(DecisionOnCase, Base):
    """What one officer did, and why; a trigger refuses every change. ``officer_id`` is empty where nobody decided."""

    __tablename__ = "online_decision"
    __table_args__ = (
        Index("ix_online_decision_officer", "officer_id", "at"),
        CheckConstraint("officer_id IS NULL OR note <> '' OR act IN ('approval', 'issuing')", name="noted"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("online_case.id"), index=True)
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    act: Mapped[OnlineAct] = mapped_column(Word(OnlineAct))

    case: Mapped[OnlineCase] = relationship(back_populates="decisions")
