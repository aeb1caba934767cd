"""A citizen's second factor is lost, and so is the phone: an officer compares its owner with a document.

The owner brings the password: a code on the page where it was right names the account, so no officer ends the factor
of an account whose owner is not there. Then it waits, and the phone can stop it, as it can a change of phone.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core import sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell_everywhere, tell_secret
from booking.country.core.origin import Origin
from booking.people.accounts import lost_factor, second_factor
from booking.people.accounts.codes import Purpose, keep_code, spend_code
from booking.people.accounts.phone_waits import days_left
from booking.people.accounts.stop_codes import new_stop_code, stop_hash
from booking.platform.models import Account, LostFactor


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
    _, account = lost_factor.waiting_account(core, token)
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
        lost_factor.forget_in(session, core, account)
    sessions.delete_all(core, account_id)
    return True
