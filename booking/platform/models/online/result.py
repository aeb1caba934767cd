"""What was issued: certificates, policies and days, each with a number that anyone can check."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, func, literal_column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Key
from booking.platform.models.offices.office import Service
from booking.platform.models.online.online import OnlineCase


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
