"""The owner of an account shows once more that it is them, before what cannot be taken back."""

from uuid import UUID

from booking.accounts import second_factor
from booking.accounts.errors import WrongSecondFactorError
from booking.base import fields
from booking.base.errors import NotFoundError, WrongCredentialsError
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.origin import Origin
from booking.models import Account


def asks_for_code(core: Core, account_id: UUID) -> bool:
    """Return whether the owner proves it by a code of the second factor; else by the password."""
    with core.sessions() as session:
        return second_factor.has_codes(session, account_id)


def prove_owner(core: Core, *, account_id: UUID, proof: str, origin: Origin) -> None:
    """Accept a code of the second factor, which is used up, or the password where the account has no such codes.

    Raises
    ------
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    WrongCredentialsError
        The password is wrong.
    NotFoundError
        There is no such account.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    """
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    if asks_for_code(core, account_id):
        with core.sessions.begin() as session:
            used = second_factor.spend(session, core, account_id=account_id, code=proof)
            second_factor.note_recovery(session, core, account_id=account_id, used=used)
        if used is None:
            raise WrongSecondFactorError
        return
    with core.sessions() as session:
        account = session.get(Account, account_id)
    if account is None:
        raise NotFoundError
    if not core.passwords.matches(fields.typed_password(proof) or "", account.password_hash):
        raise WrongCredentialsError
