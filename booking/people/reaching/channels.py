"""Add, confirm and remove the ways to an account, beside its phone."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell_at_once
from booking.country.core.origin import Origin
from booking.country.core.sealed import read_address, seal_address
from booking.people.accounts.code_limits import charge_address
from booking.people.accounts.codes import Purpose, issue_code, spend_code
from booking.people.reaching.addresses import read_new_address
from booking.people.reaching.carriers import offered
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, NotFoundError, PhoneNotConfirmedError, WrongCodeError
from booking.platform.base.message_states import Channel
from booking.platform.models import Account, ContactChannel, NoticeChoice


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
