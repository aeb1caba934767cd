"""Cases of services asked for online: answers, papers, decisions, originals and issued results."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Json, Key, Word
from booking.platform.models.hands import DecisionOnCase, InHands
from booking.platform.models.offices.office import Office, Service
from booking.platform.models.states import checked_move
from booking.platform.models.stored_file import StoredFile


class OnlineState(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_PAPERS = "awaiting_papers"
    SUBMITTED = "submitted"
    ASSIGNED = "assigned"
    NEEDS_MORE = "needs_more"
    APPROVED = "approved"
    ISSUED = "issued"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


_S = OnlineState
_LEFT: Final = frozenset({_S.WITHDRAWN, _S.LAPSED})
ONLINE_MOVES: Final[Mapping[OnlineState, frozenset[OnlineState]]] = {
    _S.DRAFT: frozenset({_S.AWAITING_PAYMENT, _S.AWAITING_PAPERS, _S.SUBMITTED}) | _LEFT,
    _S.AWAITING_PAYMENT: frozenset({_S.AWAITING_PAPERS, _S.SUBMITTED}) | _LEFT,
    _S.AWAITING_PAPERS: frozenset({_S.SUBMITTED}) | _LEFT,
    _S.SUBMITTED: frozenset({_S.ASSIGNED, _S.APPROVED, _S.REFUSED, _S.WITHDRAWN}),
    _S.ASSIGNED: frozenset({_S.SUBMITTED, _S.NEEDS_MORE, _S.APPROVED, _S.REFUSED}),
    _S.NEEDS_MORE: frozenset({_S.AWAITING_PAPERS, _S.SUBMITTED}) | _LEFT,
    _S.APPROVED: frozenset({_S.ISSUED, _S.REFUSED, _S.SUBMITTED}),  # back: its officer left
    _S.ISSUED: frozenset({_S.REVOKED, _S.EXPIRED}),
}
"""From ``SUBMITTED`` straight to a decision goes only what a service's file lets be issued at once."""

IN_OWN_HANDS: Final = frozenset({_S.DRAFT, _S.NEEDS_MORE})
"""The person can change answers and papers."""

WITH_AGENCY: Final = frozenset({_S.SUBMITTED, _S.ASSIGNED, _S.APPROVED})
"""In the agency's queue."""

RUNNING: Final = frozenset({_S.AWAITING_PAYMENT, _S.AWAITING_PAPERS, _S.NEEDS_MORE}) | WITH_AGENCY
"""Sent and not over: of one service, a person has one such case for one thing."""


class OnlineAct(StrEnum):
    """What an officer did with a case."""

    APPROVAL = "approval"
    REFUSAL = "refusal"
    MORE_ASKED = "more_asked"
    ISSUING = "issuing"
    REVOCATION = "revocation"


class PaperWay(StrEnum):
    """How original papers reach the consulate."""

    VISIT = "visit"
    POST = "post"


class OriginalsState(StrEnum):
    """Where the originals of a case are."""

    CHOSEN = "chosen"
    AWAITED = "awaited"
    ARRIVED = "arrived"
    GIVEN_UP = "given_up"
    SENT_BACK = "sent_back"


_O = OriginalsState
ORIGINALS_MOVES: Final[Mapping[OriginalsState, frozenset[OriginalsState]]] = {
    _O.CHOSEN: frozenset({_O.AWAITED}),
    _O.AWAITED: frozenset({_O.ARRIVED, _O.GIVEN_UP}),
    _O.ARRIVED: frozenset({_O.AWAITED, _O.SENT_BACK}),  # an officer asked for one more original
    _O.GIVEN_UP: frozenset({_O.SENT_BACK}),  # they came too late, or after the case was taken back
}
"""Only what is sent by post moves; what is brought to a visit stays ``CHOSEN``."""


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


class IssuedResult(Base):
    """The result of a case, valid from ``valid_from`` to ``valid_until`` (both included; without an end where empty).

    ``content`` (the holder and what is shown) is encrypted, bound to the result. ``thing`` is the keyed hash of what it
    is for, such as a vehicle: an exclusion constraint keeps two results of one service from being valid for one thing
    on one day. ``revoked_at`` ends it before its time.
    """

    __tablename__ = "issued_result"
    __table_args__ = (
        ExcludeConstraint(
            ("service_id", "="),
            ("thing", "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_until"), literal_column("'[]'")), "&&"),
            name="ex_issued_result_thing",
            using="gist",
            where=text("thing IS NOT NULL AND revoked_at IS NULL"),
        ),
        Index("ix_issued_result_person", "person_id", "service_id"),
        Index("ix_issued_result_revoked", "revoked_at", postgresql_where=text("revoked_at IS NOT NULL")),
        CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="period"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(16), unique=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("online_case.id"), unique=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    thing: Mapped[bytes | None] = mapped_column(LargeBinary)
    issued_on: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(40))

    case: Mapped[OnlineCase] = relationship()
    service: Mapped[Service] = relationship(lazy="joined")
