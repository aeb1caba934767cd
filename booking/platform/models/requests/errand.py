"""Requests for several services on one visit: who of the party comes for what."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base
from booking.platform.models.offices.office import Service


class RequestErrand(Base):
    """One of the services for which one of the people of a request comes; only where a request is for several.

    ``position`` is that of the service in the wish; 0 is the one of the request's own row. ``reason_code`` is why,
    where the service asks for a reason. The first errand of a person counts by the row of the member, for the rule "one
    live request a person and service group"; the database holds the others to it (migration 0045).
    """

    __tablename__ = "request_errand"
    __table_args__ = (
        ForeignKeyConstraint(
            ["request_id", "person_id"],
            ["request_member.request_id", "request_member.person_id"],
            ondelete="CASCADE",
            name="fk_request_errand_member",
        ),
        Index("uq_request_errand_group", "request_id", "person_id", "exclusive_group", unique=True),
        Index("ix_request_errand_person", "person_id", "exclusive_group"),
        CheckConstraint("units > 0 AND position >= 0", name="units"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(SmallInteger)
    exclusive_group: Mapped[str] = mapped_column(String(60))
    units: Mapped[int] = mapped_column(SmallInteger)
    reason_code: Mapped[str | None] = mapped_column(String(40))

    service: Mapped[Service] = relationship(lazy="joined")
