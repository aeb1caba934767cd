"""A second step that an account's owner wants, or does not want any more: citizens need none.

What is set up here is asked for at each sign-in from then on. Staff must have one, and set it up when they sign in.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from booking.accounts import passkeys, second_factor
from booking.accounts.begin_session import SECRET, must_have_second_factor
from booking.accounts.errors import (
    SecondFactorKeptError,
    SignInAgainError,
    WrongPasskeyError,
    WrongSecondFactorError,
)
from booking.core import sessions
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.messages import tell
from booking.core.origin import Origin
from booking.models import Account, SecondFactor


def offer_secret(core: Core, *, account_id: UUID, token: str) -> str:
    """Return the secret of an authenticator that may be set up in this session, which keeps it.

    Raises
    ------
    SignInAgainError
        The session began more than `passkeys.RECENT` ago, or is over.
    SecondFactorKeptError
        The account has an authenticator already.
    """
    with core.sessions() as session:
        if session.get(SecondFactor, account_id) is not None:
            raise SecondFactorKeptError
    visit = sessions.read(core, token)
    if visit is None or not passkeys.is_recent(core, token):
        raise SignInAgainError
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
        The session began more than `passkeys.RECENT` ago, or is over.
    SecondFactorKeptError
        The account has an authenticator already.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    """
    secret = offer_secret(core, account_id=account_id, token=token)
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    step = second_factor.matching_step(secret, code, core.clock.now())
    if step is None:
        raise WrongSecondFactorError
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        if not second_factor.keep(session, core, account_id=account_id, secret=secret, step=step):
            raise SecondFactorKeptError
        return _set_up(session, core, account, token)


def add_first_passkey(
    core: Core, *, account_id: UUID, token: str, credential: str, name: str, origin: Origin
) -> list[str]:
    """Keep a first passkey as the second step.

    Returns
    -------
    list
        The recovery codes, which are shown this once.

    Raises
    ------
    InvalidInputError
        ``passkey_name`` is missing, too long or not printable.
    WrongPasskeyError
        The answer is to no open challenge of this session, unusable, or without its owner's verification; or somebody
        has the passkey already.
    SignInAgainError
        The session began more than `passkeys.RECENT` ago, or is over.
    SecondFactorKeptError
        The account has a second factor already: `passkeys.add` adds another passkey.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    """
    name = passkeys.read_name(name)
    if not passkeys.is_recent(core, token):
        raise SignInAgainError
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    made = passkeys.verify_new(core, token=token, credential=credential)
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        if second_factor.has_second_factor(session, account_id):
            raise SecondFactorKeptError
        if not passkeys.keep(session, core, account_id=account_id, made=made, name=name):
            raise WrongPasskeyError
        return _set_up(session, core, account, token)


def remove_second_step(core: Core, *, account_id: UUID, token: str, code: str, credential: str, origin: Origin) -> None:
    """Forget the authenticator, all passkeys and recovery codes, after a fresh proof; all other sessions end.

    Parameters
    ----------
    code, credential
        A code of the authenticator or a recovery code; or, instead, the answer of a passkey to `passkeys.offer`.

    Raises
    ------
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    WrongPasskeyError
        The answer is of no passkey of the account, to no open challenge, unsigned, or without its owner's verification.
    PasskeyCopiedError
        The passkey's counter fell behind.
    SecondFactorKeptError
        The account's role must have one.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    SessionsUnavailableError
        The session store does not answer; nothing changed.
    """
    with core.sessions() as session:
        if must_have_second_factor(core, session.get_one(Account, account_id).roles):
            raise SecondFactorKeptError
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    if credential:
        passkeys.prove(core, account_id=account_id, token=token, credential=credential)
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        used = None if credential else second_factor.spend(session, core, account_id=account_id, code=code)
        if not credential and used is None:
            raise WrongSecondFactorError
        second_factor.record(session, core, account, "second_factor.removed", second_factor.forget(session, account_id))
        tell(session, core, account_id, "second_factor_removed")
        second_factor.note_recovery(session, core, account_id=account_id, used=used)
        sessions.delete_all(core, account_id, but=token)


def _set_up(session: Session, core: Core, account: Account, token: str) -> list[str]:
    codes = second_factor.renew_recovery_codes(session, core, account_id=account.id)
    second_factor.record(session, core, account, "second_factor.set_up")
    tell(session, core, account.id, "second_factor_set_up")
    sessions.delete_all(core, account.id, but=token)  # those that began by the password alone
    return codes


def _locked(session: Session, account_id: UUID) -> Account:
    """Lock the account, so that of two changes at once each sees what the other left."""
    return session.get_one(Account, account_id, with_for_update={"key_share": True})
