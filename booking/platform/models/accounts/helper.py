"""Helpers, the consent of the people they help, and disputes about who may act for a person."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.accounts.person import Account
from booking.platform.models.base import Base, Key, Word
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.offices.office import Office
from booking.platform.models.states import checked_move
from booking.platform.models.stored_file import StoredFile


class HelperState(StrEnum):
    """Whether a helper may help now."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


HELPER_MOVES: Final[Mapping[HelperState, frozenset[HelperState]]] = {
    HelperState.ACTIVE: frozenset({HelperState.SUSPENDED}),
    HelperState.SUSPENDED: frozenset({HelperState.ACTIVE}),
}


class ConsentState(StrEnum):
    """Where a person's consent to be helped stands."""

    ASKED = "asked"
    GIVEN = "given"
    USED = "used"
    WITHDRAWN = "withdrawn"


_C = ConsentState
CONSENT_MOVES: Final[Mapping[ConsentState, frozenset[ConsentState]]] = {
    _C.ASKED: frozenset({_C.GIVEN, _C.WITHDRAWN}),
    _C.GIVEN: frozenset({_C.USED, _C.WITHDRAWN}),
    _C.USED: frozenset({_C.WITHDRAWN}),
}
"""Each consent is for one request: ``USED`` never leads back to ``GIVEN``."""


class Helper(Base):
    """A registered shop or organisation. Life cycle: `HELPER_MOVES`.

    ``office_id`` is the office whose supervisors answer for it; requests go through that office's door. ``per_day``
    and ``per_month`` bound the requests, ``at_once`` the people whose consent it holds or waits for. Its account is a
    registered helper for the gate as long as it is active.
    """

    __tablename__ = "helper"
    __table_args__ = (
        CheckConstraint("per_day BETWEEN 1 AND per_month AND per_month <= 10000 AND at_once BETWEEN 1 AND 500", "caps"),
        CheckConstraint("(state = 'suspended') = (suspended_reason IS NOT NULL)", "suspended_with_reason"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), unique=True)
    organisation: Mapped[str] = mapped_column(String(80))
    licence: Mapped[str] = mapped_column(String(40), unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    per_day: Mapped[int] = mapped_column(SmallInteger)
    per_month: Mapped[int] = mapped_column(SmallInteger)
    at_once: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[HelperState] = mapped_column(Word(HelperState), default=HelperState.ACTIVE)
    suspended_reason: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    office: Mapped[Office] = relationship(lazy="joined")

    def move_to(self, state: HelperState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(HELPER_MOVES, self.state, state)


class HelperUse(Base):
    """How many requests a helper sent in a day (2026-11-26), in a month (2026-11), or on paper in a day (p20261126)."""

    __tablename__ = "helper_use"
    __table_args__ = (CheckConstraint("taken >= 0", "taken"),)

    helper_id: Mapped[UUID] = mapped_column(ForeignKey("helper.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    taken: Mapped[int] = mapped_column(SmallInteger)


class HelperDevice(Base):
    """A device at which a helper worked last at ``seen_at``, by its keyed hash."""

    __tablename__ = "helper_device"

    device_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    helper_id: Mapped[UUID] = mapped_column(ForeignKey("helper.id"))
    seen_at: Mapped[datetime]


class Consent(Base):
    """One person's leave for one request by one helper. Life cycle: `CONSENT_MOVES`.

    ``account_id`` is the person's own account, which owns the request and gets every notice. After ``ends_at`` the
    consent no longer counts: first for giving it, then for using it, then for seeing what became of it.
    ``paper_reference`` stands on the form that a person without a phone signs; such a consent is given by its photo,
    and an officer looks at it before the request counts.
    """

    __tablename__ = "consent"
    __table_args__ = (
        Index("ix_consent_helper", "helper_id", "asked_at"),
        CheckConstraint("state NOT IN ('asked', 'given') OR request_id IS NULL", "request_when_used"),
        CheckConstraint("state <> 'used' OR request_id IS NOT NULL", "used_for_a_request"),
    )

    id: Mapped[Key]
    helper_id: Mapped[UUID] = mapped_column(ForeignKey("helper.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[ConsentState] = mapped_column(Word(ConsentState), default=ConsentState.ASKED)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("request.id"), unique=True)
    asked_at: Mapped[datetime]
    given_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    ends_at: Mapped[datetime]
    paper_reference: Mapped[str | None] = mapped_column(String(16), unique=True)

    def move_to(self, state: ConsentState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(CONSENT_MOVES, self.state, state)

    def is_over(self, now: datetime) -> bool:
        """Return whether it no longer counts."""
        return self.state is ConsentState.WITHDRAWN or now >= self.ends_at


class ConsentPaper(StoredFile, Base):
    """A photo of the signed form of one consent; the one before is removed by the next one."""

    __tablename__ = "consent_paper"
    __table_args__ = (
        Index("uq_consent_paper_kept", "consent_id", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("ix_consent_paper_consent", "consent_id"),
        Index("ix_consent_paper_sha256", "sha256"),
    )

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"))


class DisputeOutcome(StrEnum):
    """How a counter answered, with the person standing there."""

    SEEN = "seen"
    """The person wants this account to act for them, and stood there with it."""
    ENDED = "ended"
    """It does not act for them any more."""
    KEPT = "kept"
    """It was asked about, and goes on acting for them."""


class Dispute(Base):
    """Whether ``account_id`` may act for a person: asked on a page by ``opened_by``, or only at the counter (empty).

    Open until ``decided_by``, an officer of ``office_id``, answers it; it changes nothing before that. One account asks
    once about another one. What a counter does unasked is kept as a row that is answered from the first, so that the
    database refuses officers in their own case here too.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        Index(
            "uq_dispute_open",
            "person_id",
            "account_id",
            "opened_by",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (office_id IS NULL)"
            " AND (decided_at IS NULL) = (outcome IS NULL)",
            name="answered_whole",
        ),
        CheckConstraint("opened_by IS NOT NULL OR decided_at IS NOT NULL", name="asked_or_answered"),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[DisputeOutcome | None] = mapped_column(Word(DisputeOutcome))


class EndedClaim(Base):
    """An account that acted for somebody without a proof, until another account had one.

    It may be a mistyped digit, a grown-up child, or somebody who collects numbers: the gate counts them, and decides
    nothing by one.
    """

    __tablename__ = "ended_claim"
    __table_args__ = (
        Index("ix_ended_claim_account", "account_id", "ended_at"),
        Index("ix_ended_claim_person", "person_id"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    level: Mapped[IdentityLevel] = mapped_column(Word(IdentityLevel))
    since: Mapped[datetime]
    ended_at: Mapped[datetime]
