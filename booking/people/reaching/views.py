"""What became of the notices about a request, for staff: kinds, channels and times, never what was said or to where."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.people.reaching.notice_text import read_message, templates
from booking.people.reaching.recipients import read_readers
from booking.platform.base.errors import FieldError, ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.base.message_states import Channel, Command, MessageState, TryOutcome
from booking.platform.base.references import read_reference
from booking.platform.models import Account, Appointment, Delivery, IncomingMessage, Message, Request


@dataclass(frozen=True, slots=True)
class Try:
    """One try to send a notice."""

    channel: Channel
    outcome: TryOutcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A notice: what it was about, what became of it, and its tries."""

    subject_ar: str
    subject_en: str
    state: MessageState
    created_at: datetime
    next_at: datetime | None
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """A text message from the account's phone about this request."""

    command: Command
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Log:
    """All that is known of telling somebody about one request."""

    reference: str
    channels: tuple[Channel, ...]
    lines: tuple[Line, ...]
    received: tuple[Received, ...]


def look_at_messages(core: Core, *, officer_id: UUID, reference: str) -> Log:
    """Return the notices about a request, named by its reference or an appointment's; the look is on record.

    Raises
    ------
    InvalidInputError
        It is not a reference.
    ForbiddenError
        The account may not use the desk, or the request is its own.
    NotFoundError
        There is no such request.
    """
    try:
        reference = read_reference(reference)
    except FieldError as error:
        raise InvalidInputError([error]) from None
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.USE_DESK)
        request = _request(session, reference)
        if request.account_id == officer_id:
            raise ForbiddenError
        audit.record(session, core, officer, "messages.looked_at", request.reference)
        appointments = session.scalars(select(Appointment.reference).where(Appointment.request_id == request.id))
        references = [request.reference, *appointments]
        reader = read_readers(session, core, [request.account_id])[request.account_id]
        return Log(
            reference=request.reference,
            channels=tuple(one for one in Channel if one in reader.confirmed),
            lines=_lines(session, request.account_id, references),
            received=_received(session, request.account_id, references),
        )


def _request(session: Session, reference: str) -> Request:
    of_appointment = select(Appointment.request_id).where(Appointment.reference == reference)
    found = session.scalar(select(Request).where(or_(Request.reference == reference, Request.id.in_(of_appointment))))
    if found is None:
        raise NotFoundError
    return found


def _lines(session: Session, account_id: UUID, references: Collection[str]) -> tuple[Line, ...]:
    messages = session.scalars(
        select(Message)
        .where(Message.account_id == account_id, Message.values["reference"].astext.in_(references))
        .order_by(Message.created_at, Message.id)
    ).all()
    tries: dict[UUID, list[Try]] = {}
    for one in session.scalars(
        select(Delivery).where(Delivery.message_id.in_([one.id for one in messages])).order_by(Delivery.id)
    ):
        tries.setdefault(one.message_id, []).append(Try(one.channel, one.outcome, one.at))
    known = templates()
    return tuple(
        Line(
            subject_ar=known[one.kind].subject["ar"],
            subject_en=known[one.kind].subject["en"],
            state=one.state,
            created_at=one.created_at,
            next_at=one.next_at or one.not_before,
            tries=tuple(tries.get(one.id, ())),
        )
        for one in messages
        if one.kind in known
    )


def _received(session: Session, account_id: UUID, references: Collection[str]) -> tuple[Received, ...]:
    found = session.scalars(
        select(IncomingMessage)
        .where(IncomingMessage.account_id == account_id, IncomingMessage.reference.in_(references))
        .order_by(IncomingMessage.received_at, IncomingMessage.id)
    )
    return tuple(Received(one.command, one.outcome, one.received_at) for one in found)


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """A notice as its receiver reads it; for demonstrations only."""

    username: str
    kind: str
    language: str
    text: str
    created_at: datetime


def outbox(core: Core, *, username: str = "", most: int = 50) -> list[OutboxLine]:
    """Return the latest notices as read by their receivers, codes too; only where settings show the outbox."""
    if not core.settings.show_outbox:
        raise NotFoundError
    statement = (
        select(Message, Account)
        .join(Account, Account.id == Message.account_id)
        .order_by(Message.created_at.desc(), Message.id)
        .limit(most)
    )
    if username:
        statement = statement.where(Account.username == username)
    with core.sessions() as session:
        return [
            OutboxLine(
                username=account.username,
                kind=message.kind,
                language=account.language,
                text=read_message(session, core, message, account.language),
                created_at=message.created_at,
            )
            for message, account in session.execute(statement)
        ]
