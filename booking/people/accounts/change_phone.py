"""Change the phone of an account: with codes to both phones, or without the old one by a second factor or a wait.

What limits a phone holds for the one before too (`booking.people.accounts.known_devices`). The phones of staff are an
administrator's to change: whose cases are their own depends on them.

What a password that came by a code to the phone does not open for some days: the phone is all that was shown.

A phone that is stolen for an hour, or whose number went to somebody else, gives its holder a new password. With that
alone they must not carry the account off to another phone, nor take a copy of everything in it.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.country.core import sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.country.core.messages import tell_everywhere, tell_phone, tell_secret
from booking.country.core.register import open_phone, read_phone, seal_phone
from booking.country.core.security import Origin
from booking.country.packs.phone import normalise_phone
from booking.people.accounts import second_factor
from booking.people.accounts.codes import Purpose, charge_code, forget_codes, issue_code, spend_code
from booking.people.accounts.errors import (
    AskAdministratorError,
    NothingWaitsError,
    PhoneAloneError,
    WaitingError,
    WrongSecondFactorError,
)
from booking.people.accounts.fresh import require_fresh
from booking.people.accounts.stop_codes import new_stop_code, stop_hash
from booking.platform.base import fields
from booking.platform.base.errors import FieldError
from booking.platform.models import Account, Passkey, PhoneChange, SecondFactor

_DAY: Final = timedelta(days=1)


def open_change(session: Session, account_id: UUID) -> PhoneChange | None:
    """Return the account's change that is neither done nor stopped, if any."""
    mine = select(PhoneChange).where(PhoneChange.account_id == account_id)
    return session.scalar(mine.where(PhoneChange.done_at.is_(None), PhoneChange.stopped_at.is_(None)))


def days_left(until: datetime, now: datetime) -> int:
    """Return the days until an instant, begun ones counting whole; at least one."""
    return days_of(until - now)


def days_of(wait: timedelta) -> int:
    """Return a wait in days, a begun one counting whole; at least one."""
    return max(1, -(-wait // _DAY))


def begin(session: Session, core: Core, change: PhoneChange) -> None:
    """Let a change wait, in the caller's transaction; the old phone gets what stops it."""
    change.holds_at = core.clock.now() + core.settings.phone_change_wait
    shown, change.stop_hash = new_stop_code(core)
    days = days_left(change.holds_at, core.clock.now())
    tell_secret(session, core, change.account_id, "phone_change_waits", shown, days=days)
    tell_everywhere(session, core, change.account_id, "phone_change_told", days=days)


def stop_by_code_in(session: Session, core: Core, code: str) -> bool:
    """Stop the change whose code this is, in the caller's transaction; False where no change that waits has it."""
    stopping = (
        select(PhoneChange)
        .where(PhoneChange.stop_hash == stop_hash(core, code))
        .where(PhoneChange.done_at.is_(None), PhoneChange.stopped_at.is_(None))
    )
    change = session.scalar(stopping.with_for_update())
    if change is not None:
        _stop(session, core, change)
    return change is not None


def stop(core: Core, *, account_id: UUID) -> None:
    """Stop the account's open change, as its owner may at any time.

    Raises
    ------
    NothingWaitsError
        None is open.
    """
    with core.sessions.begin() as session:
        if not stop_in(session, core, account_id):
            raise NothingWaitsError


def stop_in(session: Session, core: Core, account_id: UUID) -> bool:
    """Stop the account's open change, if any, in the caller's transaction; return whether there was one."""
    change = open_change(session, account_id)
    if change is None:
        return False
    session.refresh(change, with_for_update=True)
    if change.done_at is not None or change.stopped_at is not None:
        return False
    _stop(session, core, change)
    return True


def waiting_until(core: Core, account_id: UUID) -> tuple[bool, datetime | None]:
    """Return whether a change of the account is open, and until when it waits; None where codes finish it."""
    with core.sessions() as session:
        change = open_change(session, account_id)
    return change is not None, None if change is None else change.holds_at


def _stop(session: Session, core: Core, change: PhoneChange) -> None:
    change.stopped_at = core.clock.now()
    if change.holds_at is not None:
        tell_everywhere(session, core, change.account_id, "phone_change_stopped")


def refuse_phone_alone(session: Session, core: Core, account: Account) -> None:
    """Refuse while nothing but the phone shows that an account is its owner's.

    A second factor from before the new password shows more; one that was set up since does not.

    Raises
    ------
    PhoneAloneError
        The password came by a code to the phone less than `phone_change_wait` ago; it has the days that are left.
    """
    reset_at, now = account.password_reset_at, core.clock.now()
    if reset_at is None or now >= reset_at + core.settings.phone_change_wait:
        return
    older = or_(
        select(SecondFactor).where(SecondFactor.account_id == account.id, SecondFactor.created_at < reset_at).exists(),
        select(Passkey)
        .where(Passkey.account_id == account.id, Passkey.created_at < reset_at, Passkey.copied_at.is_(None))
        .exists(),
    )
    if not session.scalar(select(older)):
        raise PhoneAloneError(days_left(reset_at + core.settings.phone_change_wait, now))


ACTION: Final = "phone_change"


def ask_for_change(core: Core, *, account_id: UUID, token: str, phone: str, origin: Origin) -> None:
    """Begin a change to ``phone``: a code goes there, and one to the phone that the account has. One before is dropped.

    Raises
    ------
    InvalidInputError
        ``phone`` is not a phone that receives messages, or is the account's already ("same_phone").
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    WaitingError
        A change without the old phone waits: stop it first.
    AskAdministratorError
        The account is a colleague's.
    TooManyAttemptsError
        Too many changes of this account, to this phone, or from this network or device.
    TooManyCodesError
        Too many codes for this account, one of the phones or its range, device or network, or in all.
    """
    account = _mine(core, account_id, token)
    errors: list[FieldError] = []
    with fields.noted(errors):
        phone = normalise_phone(fields.number("phone", phone), core.pack.country.phone_region)
        if seal_phone(core.vault, phone).hash == account.phone_hash and account.phone_confirmed_at is not None:
            raise FieldError("phone", "same_phone")
    fields.raise_all(errors)
    charge(core, ACTION, origin.subjects(account=str(account_id), phone=phone))
    charge_code(core, origin=origin, phone=phone, account=str(account_id))
    old = open_phone(core.vault, account)
    if old and old != phone:
        charge_code(core, origin=origin, phone=old, account=str(account_id))
    new, now = seal_phone(core.vault, phone), core.clock.now()
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        before = open_change(session, account_id)
        if before is not None and before.holds_at is not None:
            raise WaitingError(days_left(before.holds_at, now))
        if before is not None:
            before.stopped_at = now
            session.flush()
        change = PhoneChange(account_id=account_id, old_hash=account.phone_hash, created_at=now)
        change.new_ciphertext, change.new_hash = new.ciphertext, new.hash
        session.add(change)
        issue_code(session, core, account_id=account_id, purpose=Purpose.PHONE_TO_BE, phone=new.ciphertext)
        if account.phone_hash:
            issue_code(session, core, account_id=account_id, purpose=Purpose.PHONE_BEFORE)


def finish_change(
    core: Core, *, account_id: UUID, token: str, new_code: str, old_code: str, factor_code: str, origin: Origin
) -> None:
    """Change the phone, with the code from the new one and a code from the old one or of the second factor.

    The old phone is told; all other sessions end, and so do codes that were sent before.

    Raises
    ------
    InvalidInputError
        A code is missing or wrong, used, too old, or was tried too often ("wrong_code"), by field.
    WrongSecondFactorError
        The code of the second factor is wrong, of another time, or was used.
    NothingWaitsError
        No change was begun, or it is over.
    PhoneAloneError
        The password came by a code to the old phone a few days ago: the change has to wait (`wait_for_change`).
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    AskAdministratorError
        The account is a colleague's.
    TooManyAttemptsError
        Too many codes were tried for this account, network or device.
    BusyError
        Too many recovery codes are being compared.
    SessionsUnavailableError
        The session store does not answer; nothing changed.
    """
    _mine(core, account_id, token)
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    factor = second_factor.read_code(core, account_id, factor_code)
    with core.sessions.begin() as session:
        account, change = _locked_change(session, account_id)
        refuse_phone_alone(session, core, account)
        wrong = _wrong_codes(session, core, account, new_code=new_code, old_code=old_code, by_factor=bool(factor_code))
        proven, used = not wrong, None
        if proven and factor_code:
            used = second_factor.spend(session, core, account_id=account_id, code=factor)
            proven = used is not None
        if proven:
            apply(session, core, account, change)
            second_factor.note_recovery(session, core, account_id=account_id, used=used)
            sessions.delete_all(core, account_id, but=token)
    fields.raise_all(wrong)
    if not proven:
        raise WrongSecondFactorError
    sessions.delete_all(core, account_id, but=token)


def wait_for_change(core: Core, *, account_id: UUID, token: str, new_code: str, origin: Origin) -> int:
    """Let the change wait, where neither the old phone nor a second factor is at hand; return the days.

    Every way of reaching the owner tells of it, and the old phone gets a code that stops it.

    Raises
    ------
    InvalidInputError
        The code from the new phone is wrong, used, too old, or was tried too often ("wrong_code").
    NothingWaitsError
        No change was begun, or it is over.
    WaitingError
        It waits already.
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    AskAdministratorError
        The account is a colleague's.
    TooManyAttemptsError
        Too many codes were tried for this account, network or device.
    """
    _mine(core, account_id, token)
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    with core.sessions.begin() as session:
        account, change = _locked_change(session, account_id)
        wrong = _wrong_codes(session, core, account, new_code=new_code, old_code="", by_factor=True)
        if not wrong:
            begin(session, core, change)
    fields.raise_all(wrong)
    return days_of(core.settings.phone_change_wait)


def apply(session: Session, core: Core, account: Account, change: PhoneChange) -> None:
    """Give the account its new phone in the caller's transaction, tell the old one, and let older codes stop working.

    The caller ends sessions.
    """
    now, old = core.clock.now(), account.phone_ciphertext
    # One that was never confirmed may be anybody's: nothing is to be seen by it.
    change.old_hash = b"" if account.phone_confirmed_at is None else account.phone_hash
    new = seal_phone(core.vault, read_phone(core.vault, change.new_ciphertext))
    account.phone_ciphertext, account.phone_hash, account.phone_confirmed_at = new.ciphertext, new.hash, now
    change.done_at = now
    forget_codes(session, account.id)
    if old:
        tell_phone(session, core, account.id, "phone_was_changed", old)


def _mine(core: Core, account_id: UUID, token: str) -> Account:
    with core.sessions() as session:
        account = session.get_one(Account, account_id)
    if is_staff(account.roles):
        raise AskAdministratorError
    require_fresh(core, token)
    return account


def _wrong_codes(
    session: Session, core: Core, account: Account, *, new_code: str, old_code: str, by_factor: bool
) -> list[FieldError]:
    """Try the codes from the phones; each wrong one counts, though the other is right: the caller commits."""
    tried = {"new_code": (Purpose.PHONE_TO_BE, new_code)}
    if account.phone_hash and not by_factor:
        tried["old_code"] = (Purpose.PHONE_BEFORE, old_code)
    right = {
        name: spend_code(session, core, account_id=account.id, purpose=purpose, code=code, only_try=True)
        for name, (purpose, code) in tried.items()
    }
    return [FieldError(name, "wrong_code") for name, is_right in right.items() if not is_right]


def _locked_change(session: Session, account_id: UUID) -> tuple[Account, PhoneChange]:
    account, change = _locked(session, account_id), open_change(session, account_id)
    if change is None:
        raise NothingWaitsError
    if change.holds_at is not None:
        raise WaitingError(1)
    return account, change


def _locked(session: Session, account_id: UUID) -> Account:
    """Lock the account, so that of two changes at once each sees what the other left."""
    return session.get_one(Account, account_id, with_for_update={"key_share": True})


def change_waiting_phones(core: Core) -> int:
    """Change the phones whose wait is over, one transaction each, and end the accounts' sessions; return how many.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer: the rest is done next time.
    """
    due = select(PhoneChange.account_id).where(
        PhoneChange.done_at.is_(None), PhoneChange.stopped_at.is_(None), PhoneChange.holds_at <= core.clock.now()
    )
    with core.sessions() as session:
        accounts = session.scalars(due.order_by(PhoneChange.holds_at)).all()
    return sum(_change(core, account_id) for account_id in accounts)


def _change(core: Core, account_id: UUID) -> bool:
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        still = select(PhoneChange).where(
            PhoneChange.account_id == account.id,
            PhoneChange.done_at.is_(None),
            PhoneChange.stopped_at.is_(None),
            PhoneChange.holds_at <= core.clock.now(),
        )
        change = session.scalar(still.with_for_update())
        if change is None:
            return False
        apply(session, core, account, change)
        sessions.delete_all(core, account.id)
    sessions.delete_all(core, account.id)
    return True
