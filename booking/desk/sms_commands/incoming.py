"""Take a text message that a phone sent: once, for the accounts that confirmed this phone, and answer it."""

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell_at_once
from booking.country.core.register import open_phone, seal_phone
from booking.country.packs.phone import read_sender
from booking.desk.sms_commands.actions import Answer, act
from booking.desk.sms_commands.commands import Asked, read_command
from booking.people.accounts.opening import find_account
from booking.platform.base.errors import (
    DrawRunningError,
    FieldError,
    InvalidInputError,
    MawidError,
    NotFoundError,
    OfferLapsedError,
    TooLateToCancelError,
)
from booking.platform.base.fields import known_username
from booking.platform.base.message_states import Channel, Command
from booking.platform.models import Account, IncomingMessage

MOST_IN_AN_HOUR: Final = 20
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:phone)")
_REFUSALS: Final[dict[type[MawidError], Answer]] = {
    OfferLapsedError: Answer("too_late", "sms_too_late"),
    TooLateToCancelError: Answer("too_late", "sms_too_late"),
    DrawRunningError: Answer("draw_running", "sms_draw_running"),
}


def take_message(core: Core, *, provider_id: str, sender: str, content: str) -> str:
    """Do what a text message asks for, and return in a word what was done.

    It acts only for accounts whose confirmed phone sent it. The word, the command and the reference are kept; the text
    is not. One that the provider passes on again changes nothing ("repeated"). All of it is one transaction; messages
    of one phone are taken one after the other.

    Nobody answers a phone that no account confirmed, one that sends more than twenty an hour, or what is not a number.
    """
    phone = read_sender(sender, core.pack.country.phone_region)
    if phone is None:
        return "no_number"
    phone_hash = seal_phone(core.vault, phone).hash
    asked = read_command(content)
    with core.sessions.begin() as session:
        session.execute(_LOCK, {"phone": int.from_bytes(phone_hash[:8], signed=True)})
        message = _new(session, core, provider_id, phone_hash, asked)
        if message is None:
            return "repeated"
        accounts = list(session.scalars(_accounts(phone_hash)))
        answer = _answer(session, core, message, accounts, asked, phone)
        message.outcome = answer.outcome
        if accounts and answer.account_id is None and len(accounts) == 1:
            answer = answer.to(accounts[0].id)
        message.account_id = answer.account_id
        message.reference = answer.reference or asked.reference
        for kind, values in answer.notices:
            tell_at_once(session, core, answer.account_id or accounts[0].id, kind, Channel.SMS, **values)
        return answer.outcome


def _new(session: Session, core: Core, provider_id: str, phone_hash: bytes, asked: Asked) -> IncomingMessage | None:
    return session.scalar(
        insert(IncomingMessage)
        .values(
            provider_id=provider_id,
            phone_hash=phone_hash,
            command=asked.command,
            outcome="taken",
            received_at=core.clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[IncomingMessage.provider_id])
        .returning(IncomingMessage)
    )


def _answer(
    session: Session, core: Core, message: IncomingMessage, accounts: list[Account], asked: Asked, phone: str
) -> Answer:
    if not accounts:
        return Answer("unknown_number")
    recent = session.scalar(
        select(func.count())
        .select_from(IncomingMessage)
        .where(
            IncomingMessage.phone_hash == message.phone_hash,
            IncomingMessage.received_at > core.clock.now() - timedelta(hours=1),
        )
    )
    if (recent or 0) > MOST_IN_AN_HOUR:
        return Answer("too_many")
    if asked.misread and asked.command in {Command.STATUS, Command.CONFIRM, Command.CANCEL}:
        return Answer("misread", "sms_misread")
    try:
        return act(session, core, accounts, asked, phone)
    except MawidError as error:
        return _REFUSALS.get(type(error), Answer("not_possible", "sms_not_possible"))


def _accounts(phone_hash: bytes) -> Select[Account]:
    return (
        select(Account)
        .where(Account.phone_hash == phone_hash, Account.phone_confirmed_at.is_not(None), Account.closed_at.is_(None))
        .order_by(Account.created_at, Account.id)
    )


def send_as(core: Core, *, username: str, content: str) -> str:
    """Send a text message from the phone of an account, and return in a word what was done.

    Raises
    ------
    NotFoundError
        This is not a demonstration: the settings do not show the outbox.
    InvalidInputError
        Nobody has this user name, or nothing was written.
    """
    if not core.settings.show_outbox:
        raise NotFoundError
    if not content.strip():
        raise InvalidInputError([FieldError("message", "missing")])
    with core.sessions() as session:
        account = find_account(session, known_username(username))
    if account is None:
        raise InvalidInputError([FieldError("username", "unknown_username")])
    phone = open_phone(core.vault, account)
    return take_message(core, provider_id=f"rehearsal-{secrets.token_hex(8)}", sender=phone, content=content)
