"""The owner of an account shows once more that it is them: for one step that cannot be taken back, or for a while."""

from dataclasses import dataclass
from uuid import UUID

from booking.country.core import sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.security import reported
from booking.people.accounts import passkeys, second_factor
from booking.people.accounts.errors import WrongSecondFactorError
from booking.platform.base import fields
from booking.platform.base.errors import NotFoundError, WrongCredentialsError
from booking.platform.models import Account


@dataclass(frozen=True, slots=True)
class Proof:
    """What the owner shows in the session ``token``: one of the three, the first that is there counting.

    ``credential`` is the answer of a passkey to `passkeys.offer`, ``code`` of the authenticator or a recovery code.
    The password counts for an account without a second factor alone.
    """

    token: str
    credential: str = ""
    code: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """How an owner can prove it: ``passkey`` are the options for the browser, None where no passkey is believed."""

    passkey: str | None
    codes: bool
    password: bool


def ways(core: Core, *, account_id: UUID, token: str) -> Ways:
    """Return what the owner of an account may show in the session ``token``; passkeys get a challenge for it."""
    with core.sessions() as session:
        codes = second_factor.has_codes(session, account_id)
        has_factor = second_factor.has_second_factor(session, account_id)
    return Ways(passkeys.offer(core, account_id=account_id, token=token), codes, password=not has_factor)


def prove_owner(core: Core, *, account_id: UUID, proof: Proof, origin: Origin) -> None:
    """Accept a proof, which is used up unless it is the password; the use of a recovery code is on record.

    Raises
    ------
    WrongSecondFactorError
        The code is wrong, of another time, or was used; or the account has a second factor and none was shown.
    WrongPasskeyError
        The answer is of no passkey of the account, to no open challenge, unsigned, or without its owner's verification.
    PasskeyCopiedError
        The passkey's counter fell behind.
    WrongCredentialsError
        The password is wrong.
    NotFoundError
        There is no such account.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    SessionsUnavailableError
        The session store does not answer.
    """
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    if proof.credential:
        passkeys.prove(core, account_id=account_id, token=proof.token, credential=proof.credential)
        return
    code = second_factor.read_code(core, account_id, proof.code)
    with core.sessions.begin() as session:
        account = session.get(Account, account_id)
        has_factor = second_factor.has_second_factor(session, account_id)
        used = second_factor.spend(session, core, account_id=account_id, code=code) if has_factor else None
        second_factor.note_recovery(session, core, account_id=account_id, used=used)
    if account is None:
        raise NotFoundError
    if has_factor:
        if used is None:
            raise WrongSecondFactorError
    elif not core.passwords.matches(fields.typed_password(proof.password) or "", account.password_hash):
        raise WrongCredentialsError


def prove_again(core: Core, *, account_id: UUID, proof: Proof, origin: Origin) -> None:
    """Accept a proof, by which its session is fresh again (`booking.people.accounts.fresh`).

    See `prove_owner` for what it raises.
    """
    with reported(core, "sign_in.again", origin, account_id=account_id):
        prove_owner(core, account_id=account_id, proof=proof, origin=origin)
        sessions.note_proof(core, proof.token)
