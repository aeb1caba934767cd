"""The outbox of a demonstration: the latest notices as their receivers read them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from booking.country.core.core import Core
from booking.people.reaching.notice_text import read_message
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Message


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
