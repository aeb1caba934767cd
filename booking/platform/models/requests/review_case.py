"""Questions to officers that are not about one request: two people, rings of accounts, how cases are approved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Key, Word, held_by_triggers
from booking.platform.models.requests.case_states import CaseDecision, CaseKind, CaseState


class ReviewCase(Base):
    """One question to an officer, with its evidence and its answer.

    Life cycle: `CASE_MOVES`. ``subjects`` are the people of a pair or a ring's own accounts;
    ``subject_key`` is the one text of these subjects, so that the same question is not open twice, and a pair that was
    decided is never asked about again. ``evidence`` holds no personal data: numbers, levels, shortened keyed hashes.
    ``revision`` rises with the evidence: an officer decides what was read. A case that is not open any more never
    changes (a trigger). Questions about approvals are for those who watch them: the supervisors of ``office_id``, or
    where it is empty those of every office; never for the officers whom they ``concern``. A ring ``concerns`` the
    accounts that it only helped: they are kept so that an officer among them decides nothing about it, and read for
    nothing else.
    """

    __tablename__ = "review_case"
    __table_args__ = (
        Index(
            "uq_review_case_subject",
            "kind",
            "subject_key",
            unique=True,
            postgresql_where=text("state = 'open' OR kind = 'same_person'"),
        ),
        Index("ix_review_case_open", "opened_at", postgresql_where=text("state = 'open'")),
        Index("ix_review_case_subjects", "subjects", postgresql_using="gin"),
        CheckConstraint(
            "(state = 'decided') = (decision IS NOT NULL AND officer_id IS NOT NULL AND note <> '')", name="decided"
        ),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("officer_id IS NULL OR officer_id <> ALL (concerns)", name="not_by_whom_it_concerns"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[CaseKind] = mapped_column(Word(CaseKind))
    state: Mapped[CaseState] = mapped_column(Word(CaseState), default=CaseState.OPEN)
    subjects: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    subject_key: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[Json]
    revision: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    decision: Mapped[CaseDecision | None] = mapped_column(Word(CaseDecision))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    concerns: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))


class PersonKey(Base):
    """A keyed hash of something that two records of one person would share; records with equal ones are compared.

    ``key`` is the first 64 bits of the hash. The keys of a record go with it.
    """

    __tablename__ = "person_key"
    __table_args__ = (
        held_by_triggers("member_id", "household_member.id"),
        Index("ix_person_key_member", "member_id"),
    )

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
