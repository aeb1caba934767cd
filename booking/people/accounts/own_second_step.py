"""A second step that an account's owner wants, or does not want any more: citizens need none.

What is set up here is asked for at each sign-in from then on. Staff must have one, and set it up when they sign in.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core import sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.security import Origin
from booking.people.accounts import passkeys, recovery_codes, second_factor
from booking.people.accounts.begin_session import SECRET, must_have_second_factor
from booking.people.accounts.errors import SecondFactorKeptError, WrongPasskeyError, WrongSecondFactorError
from booking.people.accounts.fresh import require_fresh
from booking.people.accounts.second_step import Proof, prove_owner
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, SecondFactor


def offer_secret(core: Core, *, account_id: UUID, token: str) -> str:
    """Return the secret of an authenticator that may be set up in this session, which keeps it.

    Raises
    ------
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    SecondFactorKeptError
        The account has an authenticator already.
    """
    with core.sessions() as session:
        if session.get(SecondFactor, account_id) is not None:
            raise SecondFactorKeptError
    visit = require_fresh(core, token)
    kept: str | None = visit.form.get(SECRET)
    if kept is None:
        kept = second_factor.new_secret()
        sessions.update_form(core, token, {**visit.form, SECRET: kept})
    return kept


def add_app(core: Core, *, account_id: UUID, token: str, code: str, origin: Origin) -> list[str]:
    """Keep the authenticator whose secret the session showed, once it gave a right code.

    Returns
    -------
    list
        The recovery codes, which are shown this once; those before are worth nothing any more.

    Raises
    ------
    WrongSecondFactorError
        The code is wrong, or of another time.
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    SecondFactorKeptError
        The account has an authenticator already.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many recovery codes are being hashed.
    """
    secret = offer_secret(core, account_id=account_id, token=token)
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    step = second_factor.matching_step(secret, code, core.clock.now())
    if step is None:
        raise WrongSecondFactorError
    codes = recovery_codes.make(core, account_id)
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        if not second_factor.keep(session, core, account_id=account_id, secret=secret, step=step):
            raise SecondFactorKeptError
        return _set_up(session, core, account, token, codes)


def offer_passkey(core: Core, account_id: UUID, token: str) -> str:
    """Write the options by which a browser makes a passkey, in a session whose owner proved lately who they are.

    Raises
    ------
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    SessionsUnavailableError
        The session store does not answer.
    """
    require_fresh(core, token)
    return passkeys.offer_new(core, account_id=account_id, token=token)


def add_passkey(core: Core, *, account_id: UUID, token: str, credential: str, name: str, origin: Origin) -> list[str]:
    """Keep a passkey, as the first second factor or beside what there is.

    Returns
    -------
    list
        The recovery codes, which are shown this once; empty where there was a second factor, whose codes count on.

    Raises
    ------
    InvalidInputError
        ``passkey_name``: it is missing, too long or not printable, or the account has ten passkeys
        ("too_many_passkeys").
    WrongPasskeyError
        The answer is to no open challenge of this session, unusable, or without its owner's verification; or somebody
        has the passkey already.
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    NotFoundError
        The second factor was removed meanwhile.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many recovery codes are being hashed.
    SessionsUnavailableError
        The session store does not answer.
    """
    with core.sessions() as session:
        further = second_factor.has_second_factor(session, account_id)
    if further:
        passkeys.add(core, account_id=account_id, token=token, credential=credential, name=name, origin=origin)
        return []
    name = passkeys.read_name(name)
    require_fresh(core, token)
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    made = passkeys.verify_new(core, token=token, credential=credential)
    codes = recovery_codes.make(core, account_id)
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        if second_factor.has_second_factor(session, account_id):  # another one was first
            raise WrongPasskeyError
        if not passkeys.keep(session, core, account_id=account_id, made=made, name=name):
            raise WrongPasskeyError
        return _set_up(session, core, account, token, codes)


def remove_second_step(core: Core, *, account_id: UUID, proof: Proof, origin: Origin) -> None:
    """Forget the authenticator, all passkeys and recovery codes, after a proof; all other sessions end.

    Raises
    ------
    NotFoundError
        The account has no second factor.
    SecondFactorKeptError
        The account's role must have one.
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    WrongPasskeyError
        The answer is of no passkey of the account, to no open challenge, unsigned, or without its owner's verification.
    PasskeyCopiedError
        The passkey's counter fell behind.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many recovery codes are being hashed.
    SessionsUnavailableError
        The session store does not answer; nothing changed but that a code is used up.
    """
    with core.sessions() as session:
        if must_have_second_factor(core, session.get_one(Account, account_id).roles):
            raise SecondFactorKeptError
    _prove(core, account_id, proof, origin)
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        second_factor.record(session, core, account, "second_factor.removed", second_factor.forget(session, account_id))
        tell(session, core, account_id, "second_factor_removed")
        sessions.delete_all(core, account_id, but=proof.token)


def replace_recovery_codes(core: Core, *, account_id: UUID, proof: Proof, origin: Origin) -> list[str]:
    """Make new recovery codes after a proof, on record; the old ones are worth nothing from then on.

    Raises
    ------
    NotFoundError
        The account has no second factor.
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    WrongPasskeyError
        The answer is of no passkey of the account, to no open challenge, unsigned, or without its owner's verification.
    PasskeyCopiedError
        The passkey's counter fell behind.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many recovery codes are being hashed.
    SessionsUnavailableError
        The session store does not answer.
    """
    _prove(core, account_id, proof, origin)
    codes = recovery_codes.make(core, account_id)
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        if not second_factor.has_second_factor(session, account_id):  # it was removed meanwhile
            raise NotFoundError
        second_factor.record(session, core, account, "second_factor.recovery_codes")
        return recovery_codes.keep(session, account_id, codes)


def _prove(core: Core, account_id: UUID, proof: Proof, origin: Origin) -> None:
    with core.sessions() as session:
        if not second_factor.has_second_factor(session, account_id):
            raise NotFoundError
    prove_owner(core, account_id=account_id, proof=proof, origin=origin)


def _set_up(session: Session, core: Core, account: Account, token: str, codes: recovery_codes.NewCodes) -> list[str]:
    second_factor.record(session, core, account, "second_factor.set_up")
    tell(session, core, account.id, "second_factor_set_up")
    sessions.delete_all(core, account.id, but=token)  # those that began by the password alone
    return recovery_codes.keep(session, account.id, codes)


def _locked(session: Session, account_id: UUID) -> Account:
    """Lock the account, so that of two changes at once each sees what the other left."""
    return session.get_one(Account, account_id, with_for_update={"key_share": True})
