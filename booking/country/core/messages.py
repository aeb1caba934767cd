"""Notices to people: written in the transaction that they tell of, sent later by a job."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.platform.base.message_states import Channel, MessageState
from booking.platform.models import ContactChannel, Message
from booking.platform.models.base import Json

ABOUT_SECRET: Final = "message secret"  # noqa: S105 - what is encrypted, not a secret


def tell(session: Session, core: Core, account_id: UUID, kind: str, /, **values: str | int) -> None:
    """Write a notice of ``kind`` for an account; ``values`` fill its sentence and hold nothing personal."""
    session.add(Message(account_id=account_id, kind=kind, values=dict(values), created_at=core.clock.now()))


def told_lately(session: Session, core: Core, account_id: UUID, kind: str) -> bool:
    """Return whether an account was told of ``kind`` within a day: a message costs, and one is enough to look."""
    lately = Message.created_at > core.clock.now() - timedelta(days=1)
    told = exists().where(Message.account_id == account_id, Message.kind == kind, lately)
    return session.scalars(select(told)).one()


def was_told(
    session: Session, account_id: UUID, references: Collection[str], *, since: datetime, until: datetime
) -> bool:
    """Return whether a gateway took a notice between two instants that was written then and names one of these.

    One that failed, or that waits, told nobody anything.
    """
    arrived = exists().where(
        Message.account_id == account_id,
        Message.values["reference"].astext.in_(references),
        Message.created_at >= since,
        Message.sent_at < until,
    )
    return session.scalars(select(arrived)).one()


def tell_later(
    session: Session, core: Core, account_id: UUID, kind: str, not_before: datetime, /, **values: str | int
) -> None:
    """Write a notice that is not sent before an instant, until which it can be taken back."""
    session.add(
        Message(
            account_id=account_id,
            kind=kind,
            values=dict(values),
            created_at=core.clock.now(),
            not_before=not_before,
        )
    )


def take_back(session: Session, account_id: UUID, kind: str, /, *, reference: str) -> None:
    """Remove a notice that was not sent yet."""
    session.execute(
        delete(Message).where(
            Message.account_id == account_id,
            Message.kind == kind,
            Message.values["reference"].astext == reference,
            Message.state == MessageState.WAITING,
        )
    )


def tell_at_once(
    session: Session, core: Core, account_id: UUID, kind: str, channel: Channel | None = None, /, **values: str | int
) -> None:
    """Write a notice and have it sent once the transaction commits, by ``channel`` alone where one is named."""
    message = Message(
        id=uuid4(),
        account_id=account_id,
        kind=kind,
        values=dict(values),
        channel=channel,
        created_at=core.clock.now(),
    )
    session.add(message)
    enqueue(session, "deliver", message_id=str(message.id))


def tell_everywhere(session: Session, core: Core, account_id: UUID, kind: str, /, **values: str | int) -> None:
    """Write a notice for the phone and one for each other channel that the account confirmed."""
    others = select(ContactChannel.kind).where(
        ContactChannel.account_id == account_id, ContactChannel.confirmed_at.is_not(None)
    )
    for channel in (Channel.SMS, *session.scalars(others)):
        tell_at_once(session, core, account_id, kind, channel, **values)


def tell_phone(session: Session, core: Core, account_id: UUID, kind: str, phone: bytes, /) -> None:
    """Write a notice about an account for a sealed phone that is not its own (any more), and have it sent at once."""
    message = Message(
        id=uuid4(), account_id=account_id, kind=kind, values={}, phone_ciphertext=phone, created_at=core.clock.now()
    )
    session.add(message)
    enqueue(session, "deliver", message_id=str(message.id))


def tell_secret(
    session: Session,
    core: Core,
    account_id: UUID,
    kind: str,
    secret: str,
    channel: Channel | None = None,
    phone: bytes | None = None,
    /,
    **values: str | int,
) -> None:
    """Write a notice that carries a secret, kept encrypted, and have it sent at once, by ``channel`` alone.

    ``phone`` is the sealed phone to which it goes, where that is not the account's.
    """
    message = Message(
        id=uuid4(),
        account_id=account_id,
        kind=kind,
        values=dict(values),
        channel=channel,
        phone_ciphertext=phone,
        secret=core.vault.encrypt(secret, ABOUT_SECRET),
        created_at=core.clock.now(),
    )
    session.add(message)
    enqueue(session, "deliver", message_id=str(message.id))


def row(core: Core, account_id: UUID, kind: str, values: Json) -> Json:
    """Return a row for a bulk insert, where a draw tells thousands at once."""
    return {
        "id": uuid4(),
        "account_id": account_id,
        "kind": kind,
        "values": values,
        "created_at": core.clock.now(),
    }
