"""Send written notices to phones, each once, through a carrier."""

import logging
from typing import Protocol
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.core import Core
from booking.messages import ABOUT_SECRET
from booking.models import Account, Message
from booking.notices.write import write_short
from booking.sealed import open_phone

_log = logging.getLogger(__name__)
BATCH = 500


class Carrier(Protocol):
    """Takes a text to a phone. A national SMS gateway is one of these."""

    def send(self, phone: str, text: str) -> None:
        """Send a text to a phone number in E.164; raises when it may be tried again."""


class OutboxCarrier:
    """Sends nothing: in demonstrations people read their notices on the outbox page."""

    def send(self, phone: str, text: str) -> None:
        """Note that a notice left, without whom it went to or what it says."""
        _log.debug("notice of %d characters to a phone of %d digits", len(text), len(phone))


def deliver_one(core: Core, message_id: str, carrier: Carrier | None = None) -> bool:
    """Send one notice unless it was sent; tell whether it was sent now."""
    with core.sessions.begin() as session:
        message = session.scalar(
            select(Message)
            .where(Message.id == UUID(message_id), Message.sent_at.is_(None))
            .with_for_update(skip_locked=True)
        )
        if message is None:
            return False
        _send(session, core, message, carrier or OutboxCarrier())
        return True


def deliver_waiting(core: Core, carrier: Carrier | None = None) -> int:
    """Send all notices that wait and may be sent by now, oldest first, a batch a transaction; return how many."""
    sent = 0
    due = or_(Message.not_before.is_(None), Message.not_before <= core.clock.now())
    while True:
        with core.sessions.begin() as session:
            waiting = session.scalars(
                select(Message)
                .where(Message.sent_at.is_(None), due)
                .order_by(Message.created_at)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            for message in waiting:
                _send(session, core, message, carrier or OutboxCarrier())
        sent += len(waiting)
        if len(waiting) < BATCH:
            return sent


def read_message(core: Core, message: Message, language: str) -> str:
    """Write a notice out, with its secret, for its receiver alone."""
    secret = None if message.secret is None else core.vault.decrypt(message.secret, ABOUT_SECRET)
    return write_short(message.kind, language, message.values, secret)


def _send(session: Session, core: Core, message: Message, carrier: Carrier) -> None:
    account = session.get_one(Account, message.account_id)
    carrier.send(open_phone(core.vault, account), read_message(core, message, account.language))
    message.sent_at = core.clock.now()
