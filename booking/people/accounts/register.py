"""Make an account and confirm its phone."""

from uuid import UUID

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.sealed import open_phone
from booking.people.accounts.code_limits import charge_code
from booking.people.accounts.codes import Purpose, issue_code, spend_code
from booking.people.accounts.opening import insert_account, read_account_form
from booking.platform.base.errors import NotFoundError, WrongCodeError
from booking.platform.models import Account
from booking.platform.models.states import Door, Role


def register(
    core: Core, *, username: str, password: str, phone: str, language: str, door: Door, origin: Origin
) -> UUID:
    """Make a citizen's account and send a code to its phone; returns the account's id.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed.
    UsernameTakenError
        Another account has the user name.
    TooManyAttemptsError
        Too many accounts were opened from this network or device, or for this phone.
    TooManyCodesError
        Too many codes were sent to this phone, its range, from this network or device, or in all.
    BusyError
        Too many passwords are being hashed.
    """
    form = read_account_form(core, username=username, password=password, phone=phone, language=language, errors=[])
    charge(core, "register", origin.subjects(phone=form.phone))
    charge_code(core, origin=origin, phone=form.phone)
    password_hash = core.passwords.hash(form.password)
    with core.sessions.begin() as session:
        account_id = insert_account(session, core, form, password_hash=password_hash, roles=(Role.CITIZEN,), door=door)
        issue_code(session, core, account_id=account_id, purpose=Purpose.CONFIRM_PHONE)
    return account_id


def confirm_phone(core: Core, *, account_id: UUID, code: str) -> None:
    """Confirm the account's phone with the code that was sent; nothing happens when it is already confirmed.

    Raises
    ------
    WrongCodeError
        The code is wrong, used, too old, or was tried too often. The try is counted.
    """
    with core.sessions.begin() as session:
        account = session.get(Account, account_id, with_for_update=True)
        if account is None:
            raise NotFoundError
        if account.phone_confirmed_at is not None:
            return
        right = spend_code(session, core, account_id=account_id, purpose=Purpose.CONFIRM_PHONE, code=code)
        if right:
            account.phone_confirmed_at = core.clock.now()
    if not right:
        raise WrongCodeError


def resend_code(core: Core, *, account_id: UUID, origin: Origin) -> None:
    """Send a new code to confirm the phone; the one before stops working. Nothing is sent once it is confirmed.

    Raises
    ------
    TooManyCodesError
        Too many codes for this account, phone or its range, device or network, or in all.
    """
    with core.sessions() as session:
        account = session.get(Account, account_id)
    if account is None:
        raise NotFoundError
    if account.phone_confirmed_at is not None:
        return
    charge_code(core, origin=origin, phone=open_phone(core.vault, account), account=str(account_id))
    with core.sessions.begin() as session:
        issue_code(session, core, account_id=account_id, purpose=Purpose.CONFIRM_PHONE)
