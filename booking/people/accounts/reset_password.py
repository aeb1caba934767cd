"""Choose a new password with a code sent to the account's phone.

Asking takes the same time and leaves the same traces whoever has the user name: a job finds out (`send_reset`). A code
belongs to the visit that asked for it, so strangers who ask for codes and type wrong ones use up nobody else's. Where
they used up all that a name or a phone gets, its phone gets one long code: it works for a day and for whoever has it,
is not replaced while it is valid, and no wrong try uses it up.
"""

import json
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from booking.country.core import messages, sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.country.core.register import open_phone
from booking.country.core.security import Origin, report, reported
from booking.people.accounts import known_devices
from booking.people.accounts.codes import (
    Purpose,
    charge_known,
    charge_request_or_long,
    issue_code,
    keep_code,
    may_send,
    may_send_long,
    spend_code,
)
from booking.people.accounts.opening import find_account
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError, WrongCodeError
from booking.platform.base.security_events import Outcome
from booking.platform.models import Account, PhoneCode

SEND: Final = "send_reset"
"""The job that `send_reset` does."""

LONG_DIGITS: Final = 12
LONG_LIFETIME: Final = timedelta(days=1)

_ABOUT: Final = "asked reset"
_SUBJECT: Final = 40
_LONGEST_VISIT: Final = 64


def request_reset(core: Core, *, username: str, origin: Origin) -> str:
    """Have a code sent to the phone of the account, if there is one with this user name; the caller cannot tell.

    Returns
    -------
    str
        What the visit keeps and brings to `reset_password` with the code.

    Raises
    ------
    TooManyCodesError
        Too many codes for this device or network, or for devices of the account.
    """
    name, visit = fields.known_username(username), secrets.token_urlsafe(32)
    with core.sessions() as session:
        known = known_devices.is_known_by_name(session, core, username=name, token=origin.known)
    short = True
    if known:
        charge_known(core, account=name)
    else:
        short = charge_request_or_long(core, origin=origin, subject=name)
    report(core, "password.reset_asked", Outcome.SUCCESS, origin=origin)
    asked = json.dumps({"name": name, "subject": _subject(core, visit), "known": known, "short": short})
    with core.sessions.begin() as session:
        enqueue(session, SEND, asked=core.vault.encrypt(asked, _ABOUT).hex())
    return visit


def send_reset(core: Core, asked: str) -> None:
    """Send the code that was asked for, where somebody has the name and their phone may get one."""
    request = json.loads(core.vault.decrypt(bytes.fromhex(asked), _ABOUT))
    with core.sessions() as session:
        account = find_account(session, request["name"])
    if account is None or account.phone_hash == b"":
        return
    phone = open_phone(core.vault, account)
    if not (request["known"] or (request["short"] and may_send(core, phone=phone))):
        _send_long(core, account.id, phone)
        return
    with core.sessions.begin() as session:
        _forget_old_codes(session, core, account.id)
        issue_code(
            session,
            core,
            account_id=account.id,
            purpose=Purpose.RESET_PASSWORD,
            subject=request["subject"],
            shows_subject=False,
        )


def _send_long(core: Core, account_id: UUID, phone: str) -> None:
    """Send the long code, unless the phone has a valid one or got its share today."""
    valid = exists().where(
        PhoneCode.account_id == account_id,
        PhoneCode.purpose == Purpose.LONG_RESET.value,
        PhoneCode.used_at.is_(None),
        PhoneCode.expires_at > core.clock.now(),
    )
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        if account.phone_confirmed_at is None or session.scalar(select(valid)):
            return
        if may_send_long(core, phone=phone):
            code, _ = keep_code(
                session,
                core,
                account_id=account_id,
                purpose=Purpose.LONG_RESET,
                digits=LONG_DIGITS,
                lifetime=LONG_LIFETIME,
            )
            messages.tell_secret(session, core, account_id, Purpose.LONG_RESET.value, code)


def reset_password(
    core: Core, *, username: str, code: str, password: str, origin: Origin, visit: str, words: str = ""
) -> str:
    """Set a new password and end every session of the account. The code also proves that the phone is the account's.

    Parameters
    ----------
    visit
        What `request_reset` returned.
    words
        By which the owner knows this browser again.

    Returns
    -------
    str
        The value by which this browser is known to the account from now on; all others are forgotten.

    Raises
    ------
    InvalidInputError
        The new password is unusable; the code was not tried.
    WrongCodeError
        The code is wrong, used, too old, of another visit, or was tried too often; or nobody has the user name.
    TooManyAttemptsError
        Too many were tried from this network or device, or for this user name from this network.
    BusyError
        Too many passwords are being hashed; the code was not tried.
    SessionsUnavailableError
        The session store does not answer, so old sessions could not be ended; the password is the old one.
    """
    name = fields.known_username(username)
    errors: list[FieldError] = []
    with fields.noted(errors):
        password = fields.password(password, username=name)
    fields.raise_all(errors)
    with core.sessions() as session:
        known = known_devices.is_known_by_name(session, core, username=name, token=origin.known)
    with reported(core, "password.reset", origin):
        known_devices.charge_try(core, "reset", name=name, origin=origin, known=known)
        password_hash = core.passwords.hash(password)  # before the code is tried: an unknown user name takes as long
        with core.sessions.begin() as session:
            account_id = _change(session, core, name=name, code=code, visit=visit, password_hash=password_hash)
            token = origin.known
            if account_id is not None:
                token = known_devices.remember_in(session, core, account_id=account_id, token=token, words=words)
                known_devices.forget_for_new_password(session, core, account_id=account_id, token=token)
        if account_id is None:
            raise WrongCodeError
    sessions.delete_all(core, account_id)  # those that the old password opened until the commit
    return token


def _change(session: Session, core: Core, *, name: str, code: str, visit: str, password_hash: str) -> UUID | None:
    """Spend the code and set the hash in the caller's transaction; return the account's id where the code was right."""
    account = find_account(session, name)
    if account is None:
        return None
    session.refresh(account, with_for_update={"key_share": True})  # before its codes, as a change of phone locks them
    if not _spend(session, core, account_id=account.id, code=code, visit=visit):
        return None
    account.password_hash = password_hash
    account.phone_confirmed_at = account.phone_confirmed_at or core.clock.now()
    account.password_reset_at = core.clock.now()
    messages.tell(session, core, account.id, "password_changed")
    sessions.delete_all(core, account.id)  # before the commit: while the store is down, nothing changes
    return account.id


def _spend(session: Session, core: Core, *, account_id: UUID, code: str, visit: str) -> bool:
    """Spend the long code of the account, or the code of the visit; only tries of the latter are counted."""
    purpose, subject = Purpose.RESET_PASSWORD, _subject(core, visit)
    return spend_code(
        session, core, account_id=account_id, purpose=Purpose.LONG_RESET, code=code, counts=False
    ) or spend_code(session, core, account_id=account_id, purpose=purpose, subject=subject, code=code)


def _forget_old_codes(session: Session, core: Core, account_id: UUID) -> None:
    """Remove codes that nobody can use any more; each visit has one of its own, so nothing else replaces them."""
    old = delete(PhoneCode).where(PhoneCode.account_id == account_id, PhoneCode.expires_at < core.clock.now())
    session.execute(old.where(PhoneCode.purpose.in_([Purpose.RESET_PASSWORD.value, Purpose.LONG_RESET.value])))


def _subject(core: Core, visit: str) -> str:
    return core.vault.lookup_hash(visit[:_LONGEST_VISIT], "visit that asked for a code").hex()[:_SUBJECT]


def change_password(core: Core, *, account_id: UUID, token: str, present: str, password: str, origin: Origin) -> None:
    """Set a new password, tell the owner, end all other sessions of the account and forget its other known devices.

    Parameters
    ----------
    token
        Of the session that goes on.

    Raises
    ------
    InvalidInputError
        ``password`` is unusable; or ``present_password`` is not the account's ("wrong_password").
    TooManyAttemptsError
        Too many were tried for this account.
    BusyError
        Too many passwords are being compared or hashed.
    SessionsUnavailableError
        The session store does not answer; the password is the old one.
    """
    with core.sessions() as session:
        account = session.get_one(Account, account_id)
    errors: list[FieldError] = []
    with fields.noted(errors):
        password = fields.password(password, username=account.username)
    fields.raise_all(errors)
    charge(core, "signin_known", {"account": f"change of {account_id}"})
    if not core.passwords.matches(fields.typed_password(present) or "", account.password_hash):
        raise InvalidInputError([FieldError("present_password", "wrong_password")])
    password_hash = core.passwords.hash(password)
    with core.sessions.begin() as session:
        changed = session.get_one(Account, account_id, with_for_update={"key_share": True})
        if changed.password_hash != account.password_hash:  # another change was first, and ended this session too
            raise InvalidInputError([FieldError("present_password", "wrong_password")])
        changed.password_hash = password_hash
        known_devices.forget_for_new_password(session, core, account_id=account_id, token=origin.known)
        messages.tell(session, core, account_id, "password_changed")
        sessions.delete_all(core, account_id, but=token)  # before the commit: while the store is down, nothing changes
    sessions.delete_all(core, account_id, but=token)
