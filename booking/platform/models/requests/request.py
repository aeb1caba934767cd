"""Requests: what a party wishes, its members and offices, edits, errands and uploads."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    and_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.base.errors import IllegalMoveError
from booking.platform.models.base import THIS_TRANSACTION, Base, Json, Key, Word, held_by_triggers
from booking.platform.models.offices.office import Service
from booking.platform.models.states import (
    LIVE_REQUEST_STATES,
    REQUEST_MOVES,
    WAITING_FOR_DRAW,
    Door,
    RequestState,
    checked_move,
)


class CounterRequest(Base):
    """That a request was asked for at an office's counter, by which clerk; the office's clerks may look at it."""

    __tablename__ = "counter_request"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    clerk_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]


class RequestEdit(Base):
    """A wish that its owner replaced by another one, in the order in which that happened, from 0.

    ``wish`` are the columns that ``receipt`` covers, with their nonce: the receipt stands in the public log for ever,
    and whoever asks what it was gets an answer. Rows are only added. The request's own row has the wish that counts.
    """

    __tablename__ = "request_edit"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    wish: Mapped[Json]
    receipt: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    edited_at: Mapped[datetime]


class RequestLeft(Base):
    """Somebody who was in a request and left it: free to ask again, and still counted among those asked for."""

    __tablename__ = "request_left"
    __table_args__ = (Index("ix_request_left_person", "person_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    left_at: Mapped[datetime]


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


class Linked:
    """Columns that name a row of a draw, all of them or none: its reference, the list, and the row in it.

    ``link_list`` is "line" for a request that took part, and "turns" for a turn that was kept beside the line.
    """

    link_draw: Mapped[str | None] = mapped_column(String(24))
    link_list: Mapped[str | None] = mapped_column(String(8))
    link_row: Mapped[int | None] = mapped_column(Integer)


_QUEUE = """
    CASE
        WHEN state IN ('accepted', 'carried_over', 'drawn') THEN 'draw'
        WHEN state = 'under_review' THEN 'officer'
        WHEN state = 'challenged' THEN 'person'
    END
    """


class Request(Linked, Base):
    """A party's wish for a service: ranked offices, days, times, needed-by date.

    Life cycle: `REQUEST_MOVES`. ``weekdays`` is a bit mask (bit 0 Monday), ``bands`` the acceptable
    bands of the day. ``nonce`` and ``receipt`` are the person's proof: receipt = SHA-256 of the canonical wish and
    the nonce. ``lost_draws`` is the priority in the next draw: what the row that the link names hands on, and
    ``owed_turns``, which no draw has put on record yet. ``lasting_draws`` of them stay whatever the wish becomes: in
    those draws something fitted it. ``resting_draws`` were lost too, and are laid aside since the wish is another one:
    they count again where it goes back before the next draw. ``service_count``: where it is for several services
    (`RequestErrand`), ``service_id`` is the first of them. ``must_hold``: something must be there on the day of the
    appointment (`booking.people.prerequisites`). ``together``: where others of the account get a place too, they would
    like to come on one day to one office. ``queue`` follows from the state: who is to act, of those whose requests are
    looked for by the thousand. A draw moves requests within one queue, so that it changes no index. ``helper_id`` is
    the helper who asked, with the person's consent; the device is then unknown, for it is the helper's.
    ``transaction`` is the number of the transaction that wrote the row: it says which verdicts could not see it yet,
    however the clocks stood.
    """

    __tablename__ = "request"
    __table_args__ = (
        held_by_triggers("draw_id", "draw.id"),
        Index("ix_request_queue", "queue", postgresql_where=text("queue IS NOT NULL")),
        CheckConstraint("num_nulls(link_draw, link_list, link_row) IN (0, 3)", name="link"),
        CheckConstraint("owed_turns BETWEEN 0 AND lost_draws", name="owed"),
        CheckConstraint("lasting_draws BETWEEN owed_turns AND lost_draws AND resting_draws >= 0", name="lasting"),
        Index("ix_request_device", "device_hash", "created_at"),
        Index("ix_request_network", "network_hash", "created_at"),
        Index("ix_request_phone", "phone_hash", "created_at"),
        Index("ix_request_account", "account_id", "created_at"),
        Index("ix_request_helper", "helper_id", "created_at", postgresql_where=text("helper_id IS NOT NULL")),
        CheckConstraint("last_day IS NULL OR last_day >= first_day", name="days"),
        CheckConstraint("units > 0 AND party_size BETWEEN 1 AND 6", name="party"),
        CheckConstraint("service_count > 0", name="service_count"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    door: Mapped[Door] = mapped_column(Word(Door))
    state: Mapped[RequestState] = mapped_column(Word(RequestState), default=RequestState.SUBMITTED)
    party_size: Mapped[int] = mapped_column(SmallInteger)
    units: Mapped[int] = mapped_column(SmallInteger)
    service_count: Mapped[int] = mapped_column(SmallInteger, default=1, server_default=text("1"))
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    weekdays: Mapped[int] = mapped_column(SmallInteger)
    bands: Mapped[str] = mapped_column(String(40))
    needed_by: Mapped[date | None]
    accessible: Mapped[bool]
    together: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    must_hold: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    reason_code: Mapped[str | None] = mapped_column(String(40))
    lost_draws: Mapped[int] = mapped_column(SmallInteger, default=0)
    owed_turns: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    lasting_draws: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    resting_draws: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    reschedules: Mapped[int] = mapped_column(SmallInteger, default=0)
    helper_id: Mapped[UUID | None] = mapped_column(ForeignKey("helper.id"))
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    receipt: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    draw_id: Mapped[UUID | None]
    device_hash: Mapped[bytes] = mapped_column(LargeBinary)
    network_hash: Mapped[bytes] = mapped_column(LargeBinary)
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=THIS_TRANSACTION)
    queue: Mapped[str | None] = mapped_column(String(8), Computed(_QUEUE, persisted=True), deferred=True)

    service: Mapped[Service] = relationship(lazy="joined")
    offices: Mapped[list["RequestOffice"]] = relationship(
        back_populates="request", order_by="RequestOffice.rank", cascade="all, delete-orphan"
    )
    members: Mapped[list["RequestMember"]] = relationship(
        back_populates="request", order_by="RequestMember.position", cascade="all, delete-orphan"
    )
    errands: Mapped[list[RequestErrand]] = relationship(
        order_by="RequestErrand.position", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def services(self) -> list[Service]:
        """The services that it is for, each once, the first one first; they are read where it is for several."""
        further = (one.service for one in self.errands) if self.service_count > 1 else ()
        return list(dict.fromkeys((self.service, *further)))

    def move_to(self, state: RequestState) -> None:
        """Make one move of the life cycle; people are free for a new request once it is over.

        Who was taken out of it while it goes on stays out.

        Raises
        ------
        IllegalMoveError
            The table has no such move.
        """
        was_live, live = self.state in LIVE_REQUEST_STATES, state in LIVE_REQUEST_STATES
        self.state = checked_move(REQUEST_MOVES, self.state, state)
        for member in self.members if live is not was_live else ():
            member.live = live

    def attended(self, *, came: bool) -> None:
        """Follow the correction of its appointment: done where somebody came, lapsed where nobody did.

        Raises
        ------
        IllegalMoveError
            The request did not end at a counter.
        """
        now, to = RequestState.LAPSED, RequestState.COMPLETED
        if not came:
            now, to = to, now
        if self.state is not now:
            raise IllegalMoveError(self.state, to)
        self.state = to


def waits_for_draw() -> ColumnElement[bool]:
    """Return the condition that a request waits for a draw, as an index finds it."""
    return and_(Request.queue == "draw", Request.state.in_(WAITING_FOR_DRAW))


def is_under_review() -> ColumnElement[bool]:
    """Return the condition that a request is in an officer's hands, as an index finds it."""
    return and_(Request.queue == "officer", Request.state == RequestState.UNDER_REVIEW)


def is_challenged() -> ColumnElement[bool]:
    """Return the condition that a request waits for its person's answer, as an index finds it."""
    return and_(Request.queue == "person", Request.state == RequestState.CHALLENGED)


class RequestOffice(Base):
    """One of the ranked offices of a request; rank 0 is the first choice.

    ``first_day`` to ``last_day``: its own days, inside those of the request, for a branch on a visit home.
    """

    __tablename__ = "request_office"
    __table_args__ = (
        CheckConstraint("(first_day IS NULL) = (last_day IS NULL) AND first_day <= last_day", name="own_days"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]

    request: Mapped[Request] = relationship(back_populates="offices")


class RequestMember(Base):
    """A person in a request. The partial unique index is the rule "one live request a person and service group".

    It counts requests in which the person is ``proven`` alone: a claim on somebody else's number blocks nobody.
    """

    __tablename__ = "request_member"
    __table_args__ = (
        Index(
            "uq_request_member_live",
            "person_id",
            "exclusive_group",
            unique=True,
            postgresql_where=text("live AND proven"),
        ),
        Index("ix_request_member_person", "person_id"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    exclusive_group: Mapped[str] = mapped_column(String(60))
    units: Mapped[int] = mapped_column(SmallInteger)
    live: Mapped[bool] = mapped_column(Boolean)
    proven: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))

    request: Mapped[Request] = relationship(back_populates="members")
    errands: Mapped[list[RequestErrand]] = relationship(passive_deletes="all", overlaps="errands")
    """Written after the member, and gone with it: the database looks at both together."""


ASKED_FOR: Final = """(
    SELECT request_id, person_id FROM request_member UNION ALL SELECT request_id, person_id FROM request_left
)"""
"""Columns request_id and person_id; give it an alias."""
EVERYONE_ASKED_FOR: Final = union_all(
    select(RequestMember.request_id, RequestMember.person_id), select(RequestLeft.request_id, RequestLeft.person_id)
).subquery("asked_for")
"""The same for statements that are put together."""


class EvidenceUpload(Base):
    """Evidence of an urgent case on its way: ``received`` of ``length`` bytes have come, in ``parts`` encrypted files.

    ``evidence_id`` names what it became. When it is ``over``, its parts are gone.
    """

    __tablename__ = "evidence_upload"
    __table_args__ = (
        Index("ix_evidence_upload_case", "urgent_request_id", "created_at"),
        Index("ix_evidence_upload_created", "created_at"),
        CheckConstraint("0 <= received AND received <= length AND length > 0 AND parts >= 0", name="bounds"),
    )

    id: Mapped[Key]
    urgent_request_id: Mapped[UUID] = mapped_column(ForeignKey("urgent_request.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    length: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(SmallInteger, default=0)
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("urgent_evidence.id"))
    over: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
