"""A citizen's second factor is lost, and the recovery codes too: the password, the phone and some days replace it.

The wait is for the owner whose phone and password are somebody else's by now: each way of reaching them tells of it,
and whoever signs in with the second factor ends it.

A citizen's second factor is lost, and so is the phone: an officer compares its owner with a document.

The owner brings the password: a code on the page where it was right names the account, so no officer ends the factor
of an account whose owner is not there. Then it waits, and the phone can stop it, as it can a change of phone.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.country.core import sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.country.core.messages import tell, tell_everywhere, tell_secret
from booking.country.core.register import open_phone
from booking.country.core.security import Origin
from booking.country.core.session_data import SessionData
from booking.people.accounts import change_phone, second_factor
from booking.people.accounts.begin_session import Login, log_in
from booking.people.accounts.change_phone import days_left
from booking.people.accounts.codes import Purpose, charge_code, issue_code, keep_code, spend_code
from booking.people.accounts.errors import AskAdministratorError, NothingWaitsError, SecondStepOverError, WaitingError
from booking.people.accounts.stop_codes import new_stop_code, stop_hash
from booking.platform.base.errors import WrongCodeError
from booking.platform.models import Account, LostFactor


def send_code(core: Core, *, token: str, origin: Origin) -> None:
    """Send a code to the phone of the account whose password was right in the waiting session ``token``.

    Raises
    ------
    SecondStepOverError
        The session does not wait for the second step (any more).
    AskAdministratorError
        The account is a colleague's: an administrator sees them.
    TooManyCodesError
        Too many codes for this account, phone or its range, device or network, or in all.
    """
    _, account = waiting_account(core, token)
    charge_code(
        core,
        origin=origin,
        phone=open_phone(core.vault, account),
        account=str(account.id),
        confirmed=account.phone_confirmed_at is not None,
    )
    with core.sessions.begin() as session:
        issue_code(session, core, account_id=account.id, purpose=Purpose.LOST_FACTOR)


def give_code(core: Core, *, token: str, code: str, origin: Origin) -> Login:
    """Take the code from the phone: the first time the wait begins; once it is over, forget the factor and sign in.

    Raises
    ------
    WaitingError
        The wait has begun now, or is not over; it has the days that are left.
    WrongCodeError
        The code is wrong, used, too old, or was tried too often.
    SecondStepOverError
        The session does not wait for the second step (any more).
    AskAdministratorError
        The account is a colleague's.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    waiting, account = waiting_account(core, token)
    charge(core, second_factor.ACTION, origin.subjects(account=str(account.id)))
    now, left = core.clock.now(), timedelta(0)
    with core.sessions.begin() as session:
        account = session.get_one(Account, account.id, with_for_update={"key_share": True})
        right = spend_code(session, core, account_id=account.id, purpose=Purpose.LOST_FACTOR, code=code)
        if right:
            left = _begin_or_see(session, core, account) - now
            if left <= timedelta(0):
                forget_in(session, core, account)
    if not right:
        raise WrongCodeError
    if left > timedelta(0):
        raise WaitingError(days_left(now + left, now))
    login = log_in(core, account, waiting.device)
    sessions.delete(core, token)
    return login


def waiting_account(core: Core, token: str) -> tuple[SessionData, Account]:
    """Return a session that waits for the second step, and the account whose password was right in it.

    Raises
    ------
    SecondStepOverError
        The session does not wait for the second step (any more).
    AskAdministratorError
        The account is a colleague's: an administrator sees them.
    """
    waiting = sessions.read(core, token)
    if waiting is None or waiting.proving is None:
        raise SecondStepOverError
    with core.sessions() as session:
        account = session.get_one(Account, waiting.proving)
    if is_staff(account.roles):
        raise AskAdministratorError
    return waiting, account


def call_off(session: Session, account_id: UUID) -> None:
    """End a wait in the caller's transaction: the second factor is there, so it is not lost."""
    session.execute(delete(LostFactor).where(LostFactor.account_id == account_id))


def forget_in(session: Session, core: Core, account: Account) -> None:
    """Forget the factor whose wait is over in the caller's transaction; all sessions of the account end."""
    call_off(session, account.id)
    second_factor.record(session, core, account, "second_factor.forgotten", second_factor.forget(session, account.id))
    tell(session, core, account.id, "second_factor_removed")
    sessions.delete_all(core, account.id)


def _begin_or_see(session: Session, core: Core, account: Account) -> datetime:
    """Return when the factor may be forgotten, from now on or since it was said to be lost."""
    now = core.clock.now()
    lost = session.get(LostFactor, account.id)
    if lost is None:
        lost = LostFactor(account_id=account.id, created_at=now, holds_at=now + core.settings.lost_factor_wait)
        session.add(lost)
        second_factor.record(session, core, account, "second_factor.lost")
        tell_everywhere(session, core, account.id, "second_factor_lost", days=days_left(lost.holds_at, now))
    return lost.holds_at


def show_code(core: Core, *, token: str, origin: Origin) -> tuple[str, datetime]:
    """Make the code for a counter, for the account whose password was right in the waiting session ``token``.

    Returns
    -------
    tuple
        The code, which is shown this once, and when it ends; an earlier one stops working.

    Raises
    ------
    SecondStepOverError
        The session does not wait for the second step (any more).
    AskAdministratorError
        The account is a colleague's: an administrator sees them.
    TooManyAttemptsError
        Too many were made for this account, network or device.
    """
    _, account = waiting_account(core, token)
    charge(core, second_factor.ACTION, origin.subjects(account=str(account.id)))
    with core.sessions.begin() as session:
        return keep_code(session, core, account_id=account.id, purpose=Purpose.LOST_AT_COUNTER)


def is_code_in(session: Session, core: Core, account_id: UUID, code: str, *, only_try: bool = False) -> bool:
    """Return whether the account's owner shows this code, in the caller's transaction, which commits the try.

    ``only_try``: see `booking.people.accounts.codes.spend_code`.
    """
    return spend_code(
        session, core, account_id=account_id, purpose=Purpose.LOST_AT_COUNTER, code=code, only_try=only_try
    )


def begin_in(session: Session, core: Core, *, account_id: UUID, person_id: UUID, officer_id: UUID) -> int:
    """Let the end of the factor wait, in the caller's transaction that says who saw whom; return the days.

    A wait that is nearly over already does not begin anew. Every way of reaching the owner tells of it.
    """
    now = core.clock.now()
    holds_at = now + core.settings.lost_factor_counter_wait
    session.get_one(Account, account_id, with_for_update={"key_share": True})
    lost = session.get(LostFactor, account_id)
    if lost is None:
        lost = LostFactor(account_id=account_id, created_at=now, holds_at=holds_at)
        session.add(lost)
    lost.holds_at, lost.person_id, lost.decided_by = min(lost.holds_at, holds_at), person_id, officer_id
    shown, lost.stop_hash = new_stop_code(core)
    session.flush()
    days = days_left(lost.holds_at, now)
    tell_secret(session, core, account_id, "second_factor_ends", shown, days=days)
    tell_everywhere(session, core, account_id, "second_factor_told", days=days)
    return days


def stop_in(session: Session, core: Core, code: str) -> bool:
    """Keep the factor whose code this is, in the caller's transaction; False where none that waits has it."""
    lost = session.scalar(select(LostFactor).where(LostFactor.stop_hash == stop_hash(core, code)).with_for_update())
    if lost is None:
        return False
    second_factor.record(session, core, session.get_one(Account, lost.account_id), "second_factor.kept")
    tell_everywhere(session, core, lost.account_id, "second_factor_kept")
    session.delete(lost)
    return True


def forget_after_waiting(core: Core) -> int:
    """Forget the factors whose wait after a counter is over, one transaction each; return how many.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer: the rest is done next time.
    """
    due = LostFactor.decided_by.is_not(None), LostFactor.holds_at <= core.clock.now()
    with core.sessions() as session:
        accounts = session.scalars(select(LostFactor.account_id).where(*due).order_by(LostFactor.holds_at)).all()
    return sum(_forget(core, account_id) for account_id in accounts)


def _forget(core: Core, account_id: UUID) -> bool:
    due = LostFactor.account_id == account_id, LostFactor.holds_at <= core.clock.now()
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        if session.scalar(select(LostFactor).where(*due, LostFactor.decided_by.is_not(None)).with_for_update()) is None:
            return False  # it was stopped meanwhile
        forget_in(session, core, account)
    sessions.delete_all(core, account_id)
    return True


def stop_by_code(core: Core, *, code: str, origin: Origin) -> None:
    """Stop the change of phone, or the end of the second factor, whose code this is.

    Raises
    ------
    NothingWaitsError
        Nothing that waits has the code.
    TooManyAttemptsError
        Too many codes were tried from this network or device.
    """
    charge(core, "reset", origin.subjects(visitor=origin.visitor("stopping a change of phone")))
    with core.sessions.begin() as session:
        stopped = change_phone.stop_by_code_in(session, core, code) or stop_in(session, core, code)
    if not stopped:
        raise NothingWaitsError
