"""The owner of a closed account opens it again, with the password and a code sent to the phone."""

from datetime import timedelta

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell_at_once
from booking.country.core.origin import Origin
from booking.country.core.sealed import open_phone
from booking.country.packs.quotas import RightsLimits
from booking.country.policy import limits as policy_limits
from booking.desk.rights.errors import NotClosedError
from booking.people.accounts.code_limits import charge_code
from booking.people.accounts.codes import Purpose, issue_code, spend_code
from booking.people.accounts.errors import AccountClosedError
from booking.people.accounts.opening import find_account
from booking.people.identity.better import tell_who_else_acts
from booking.platform.base import fields
from booking.platform.base.errors import WrongCodeError, WrongCredentialsError
from booking.platform.models import Account


def send_code(core: Core, *, username: str, password: str, origin: Origin) -> None:
    """Send a code to the phone of an account that its owner closed.

    Raises
    ------
    WrongCredentialsError
        User name and password do not belong together; an unknown user name takes the same time.
    NotClosedError
        The account is open: its owner signs in.
    AccountClosedError
        An administrator closed it, or the days in which its owner can open it are over.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    TooManyCodesError
        Too many codes were asked for.
    BusyError
        Too many passwords are being compared.
    """
    account = _closed_account(core, username, password, origin)
    charge_code(core, origin=origin, phone=open_phone(core.vault, account), account=str(account.id))
    with core.sessions.begin() as session:
        issue_code(session, core, account_id=account.id, purpose=Purpose.REOPEN_ACCOUNT)


def reopen_account(core: Core, *, username: str, password: str, code: str, origin: Origin) -> None:
    """Open a closed account again; what ended with it stays over. Its owner is told by the phone.

    Whoever else acts for its proven people is told too: while it was closed, their pages did not show it.

    Raises
    ------
    WrongCodeError
        The code is wrong, used, too old, or was tried too often.
    WrongCredentialsError
        User name and password do not belong together; an unknown user name takes the same time.
    NotClosedError
        The account is open: its owner signs in.
    AccountClosedError
        An administrator closed it, or the days in which its owner can open it are over.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    """
    account_id = _closed_account(core, username, password, origin).id
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        right = spend_code(session, core, account_id=account_id, purpose=Purpose.REOPEN_ACCOUNT, code=code)
        if right and account.erased_at is None:
            account.closed_at, account.closed_by_owner = None, False
            tell_at_once(session, core, account_id, "account_reopened")
            for member in account.household:
                if member.is_proven:
                    tell_who_else_acts(session, core, member)
    if not right:
        raise WrongCodeError


def days_to_reopen(core: Core) -> int:
    """Return for how many days a closed account can be opened again."""
    with core.sessions() as session:
        return policy_limits.pick(RightsLimits, policy_limits.find_active_limits(session)).account_reopen_days


def _closed_account(core: Core, username: str, password: str, origin: Origin) -> Account:
    name = fields.known_username(username)
    charge(core, "signin", origin.subjects(account=name, visitor=origin.visitor(name)))
    with core.sessions() as session:
        account = find_account(session, name)
    typed = fields.typed_password(password)
    right = core.passwords.matches(typed or "", account.password_hash if account else None)
    if account is None or typed is None or not right:
        raise WrongCredentialsError
    if account.closed_at is None:
        raise NotClosedError
    last = account.closed_at + timedelta(days=days_to_reopen(core))
    if not account.closed_by_owner or core.clock.now() >= last:
        raise AccountClosedError
    return account
