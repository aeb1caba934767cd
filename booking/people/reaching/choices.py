"""What an account chose about notices: language, first channel, reminders, quiet hours; and what was sent to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell_at_once
from booking.country.core.register import read_address, seal_address
from booking.country.core.security import Origin
from booking.people.accounts.codes import Purpose, charge_address, issue_code, spend_code
from booking.people.reaching.carriers import offered
from booking.people.reaching.notice_text import SILENCEABLE, Group, templates
from booking.people.reaching.recipients import Reader, masked, read_new_address, read_readers, zones
from booking.platform.base import fields
from booking.platform.base.errors import (
    FieldError,
    InvalidInputError,
    NotFoundError,
    PhoneNotConfirmedError,
    WrongCodeError,
)
from booking.platform.base.message_states import Channel, MessageState
from booking.platform.models import Account, ContactChannel, Message, NoticeChoice

SHOWN: Final = 10
_MIDNIGHT_TO_MIDNIGHT: Final = range(24)


@dataclass(frozen=True, slots=True)
class Way:
    """A channel of an account as its owner sees it."""

    channel: Channel
    masked: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice that an account got, without its text."""

    subject: str
    state: MessageState
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choices:
    """All that the page of notices shows."""

    reader: Reader
    ways: tuple[Way, ...]
    latest: tuple[Sent, ...]


def read_choices(core: Core, *, account_id: UUID, language: str) -> Choices:
    """Return an account's channels, choices and latest notices; subjects are in ``language``."""
    speech = core.languages.of(language)
    with core.sessions() as session:
        reader = read_readers(session, core, [account_id])[account_id]
        messages = session.scalars(
            select(Message)
            .where(Message.account_id == account_id)
            .order_by(Message.created_at.desc(), Message.id)
            .limit(SHOWN)
        ).all()
    known = templates()
    return Choices(
        reader=reader,
        ways=tuple(
            Way(channel, masked(channel, reader.addresses[channel]), channel in reader.confirmed)
            for channel in Channel
            if channel in reader.addresses
        ),
        latest=tuple(
            Sent(speech.choose(known[one.kind].subject), one.state, one.created_at, one.sent_at)
            for one in messages
            if one.kind in known
        ),
    )


def save_choices(
    core: Core,
    *,
    account_id: UUID,
    language: str,
    first: str,
    wanted: Collection[str],
    quiet_from: int,
    quiet_until: int,
    time_zone: str,
) -> None:
    """Keep what an account chose. ``wanted`` are the groups of notices that it can do without and still wants.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed.
    """
    errors: list[FieldError] = []
    with fields.noted(errors):
        language = fields.language(language, core.languages)
    for name, hour in (("quiet_from", quiet_from), ("quiet_until", quiet_until)):
        if hour not in _MIDNIGHT_TO_MIDNIGHT:
            errors.append(FieldError(name, "unknown"))
    if time_zone not in zones(core.pack):
        errors.append(FieldError("time_zone", "unknown"))
    fields.raise_all(errors)
    with core.sessions.begin() as session:
        reader = read_readers(session, core, [account_id])[account_id]
        if first not in {one.value for one in reader.confirmed}:
            raise InvalidInputError([FieldError("first", "unknown")])
        session.get_one(Account, account_id, with_for_update=True).language = language
        silenced = sorted(group.value for group in SILENCEABLE if group.value not in wanted)
        values = {
            "first": Channel(first),
            "silenced": silenced,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "time_zone": time_zone,
            "changed_at": core.clock.now(),
        }
        session.execute(
            insert(NoticeChoice)
            .values(account_id=account_id, **values)
            .on_conflict_do_update(index_elements=[NoticeChoice.account_id], set_=values)
        )


def silence(session: Session, core: Core, *, account_id: UUID, silenced: Collection[Group]) -> None:
    """Silence these groups and no others, in the caller's transaction; the other choices stay as they are."""
    reader = read_readers(session, core, [account_id])[account_id]
    words = sorted(group.value for group in silenced)
    session.execute(
        insert(NoticeChoice)
        .values(
            account_id=account_id,
            first=reader.first,
            silenced=words,
            quiet_from=reader.quiet.begins,
            quiet_until=reader.quiet.ends,
            time_zone=reader.quiet.zone,
            changed_at=core.clock.now(),
        )
        .on_conflict_do_update(
            index_elements=[NoticeChoice.account_id], set_={"silenced": words, "changed_at": core.clock.now()}
        )
    )


def add_channel(core: Core, *, account_id: UUID, channel: Channel, address: str, origin: Origin) -> None:
    """Keep an address and send a code there; one that the account had for this channel is replaced.

    Raises
    ------
    NotFoundError
        The channel is not offered here.
    InvalidInputError
        The address is unusable.
    PhoneNotConfirmedError
        The account's phone is not confirmed: news about the account goes there.
    TooManyCodesError
        Too many codes for this account, address, device or network, or in all.
    """
    _require_offered(core, channel)
    errors: list[FieldError] = []
    with fields.noted(errors):
        address = read_new_address(channel, address, core.pack.country.phone_region)
    fields.raise_all(errors)
    with core.sessions() as session:
        if session.get_one(Account, account_id).phone_confirmed_at is None:
            raise PhoneNotConfirmedError
    charge_address(core, origin=origin, channel=channel, address=address, account=str(account_id))
    with core.sessions.begin() as session:
        session.get_one(Account, account_id, with_for_update=True)
        session.execute(delete(ContactChannel).where(*_this(account_id, channel)))
        session.add(
            ContactChannel(
                account_id=account_id,
                kind=channel,
                address_ciphertext=seal_address(core.vault, address),
                created_at=core.clock.now(),
            )
        )
        _issue(session, core, account_id, channel)


def resend_channel_code(core: Core, *, account_id: UUID, channel: Channel, origin: Origin) -> None:
    """Send a new code to an address that is not confirmed; the one before stops working.

    Raises
    ------
    NotFoundError
        There is no such address, or it is confirmed.
    TooManyCodesError
        Too many codes for this account, address, device or network, or in all.
    """
    with core.sessions() as session:
        found = _waiting(session, account_id, channel)
        address = read_address(core.vault, found.address_ciphertext)
    charge_address(core, origin=origin, channel=channel, address=address, account=str(account_id))
    with core.sessions.begin() as session:
        _waiting(session, account_id, channel, lock=True)
        _issue(session, core, account_id, channel)


def confirm_channel(core: Core, *, account_id: UUID, channel: Channel, code: str) -> None:
    """Confirm an address with the code that was sent there; from now on notices can go to it.

    Raises
    ------
    NotFoundError
        There is no such address, or it is confirmed.
    WrongCodeError
        The code is wrong, used, too old, or was tried too often. The try is counted.
    """
    with core.sessions.begin() as session:
        found = _waiting(session, account_id, channel, lock=True)
        right = spend_code(
            session,
            core,
            account_id=account_id,
            purpose=Purpose.CONFIRM_CHANNEL,
            code=code,
            subject=channel.value,
        )
        if right:
            found.confirmed_at = core.clock.now()
            tell_at_once(session, core, account_id, "channel_added")
    if not right:
        raise WrongCodeError


def remove_channel(core: Core, *, account_id: UUID, channel: Channel) -> None:
    """Forget an address; notices go to the phone where it was the first choice. Raises NotFoundError."""
    with core.sessions.begin() as session:
        gone = session.execute(
            delete(ContactChannel).where(*_this(account_id, channel)).returning(ContactChannel.confirmed_at)
        ).one_or_none()
        if gone is None:
            raise NotFoundError
        session.execute(
            update(NoticeChoice)
            .where(NoticeChoice.account_id == account_id, NoticeChoice.first == channel)
            .values(first=Channel.SMS)
        )
        if gone.confirmed_at is not None:
            tell_at_once(session, core, account_id, "channel_removed")


def waiting_address(core: Core, *, account_id: UUID, channel: Channel) -> str:
    """Return an address that waits for its code, to be shown to its owner; raises NotFoundError."""
    with core.sessions() as session:
        return read_address(core.vault, _waiting(session, account_id, channel).address_ciphertext)


def _require_offered(core: Core, channel: Channel) -> None:
    if channel is Channel.SMS or channel not in offered(core.settings):
        raise NotFoundError


def _this(account_id: UUID, channel: Channel) -> tuple[ColumnElement[bool], ...]:
    return ContactChannel.account_id == account_id, ContactChannel.kind == channel


def _waiting(session: Session, account_id: UUID, channel: Channel, *, lock: bool = False) -> ContactChannel:
    statement = select(ContactChannel).where(*_this(account_id, channel), ContactChannel.confirmed_at.is_(None))
    found = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFoundError
    return found


def _issue(session: Session, core: Core, account_id: UUID, channel: Channel) -> None:
    issue_code(
        session,
        core,
        account_id=account_id,
        purpose=Purpose.CONFIRM_CHANNEL,
        subject=channel.value,
        channel=channel,
    )
