"""The second step of signing in: a code, a recovery code or a passkey; the first time, setting one of them up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core import sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.security import Origin, reported
from booking.country.core.session_data import SessionData
from booking.people.accounts import passkeys, recovery_codes, second_factor
from booking.people.accounts.begin_session import SECRET, Login, log_in
from booking.people.accounts.errors import SecondStepOverError, WrongPasskeyError, WrongSecondFactorError
from booking.people.accounts.lost_factor import call_off
from booking.platform.base import fields
from booking.platform.base.errors import NotFoundError, WrongCredentialsError
from booking.platform.models import Account


def take_second_step(core: Core, *, token: str, code: str, origin: Origin) -> Login:
    """Use a code of the authenticator, or a recovery code, and begin the session; the use of the latter is on record.

    Raises
    ------
    SecondStepOverError
        The session ``token`` does not wait for the second step (any more).
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many recovery codes are being hashed.
    SessionsUnavailableError
        The session store does not answer.
    """
    with _reported_step(core, token, origin) as (waiting, account_id):
        typed = second_factor.read_code(core, account_id, code)
        with core.sessions.begin() as session:
            account = session.get_one(Account, account_id)
            used = second_factor.spend(session, core, account_id=account.id, code=typed)
            if used is not None:
                call_off(session, account.id)
            second_factor.note_recovery(session, core, account_id=account.id, used=used)
        if used is None:
            raise WrongSecondFactorError
        return _end(core, account, token, waiting)


def take_second_step_by_passkey(core: Core, *, token: str, credential: str, origin: Origin) -> Login:
    """Accept the answer of a passkey to the challenge of the waiting session, and begin the session.

    Raises
    ------
    WrongPasskeyError
        The answer is of no passkey of the account, to no open challenge, unsigned, or without its owner's verification.
    PasskeyCopiedError
        Its counter fell behind, which only a copy explains; this goes on record, and its owner is told.
    SecondStepOverError
        The session ``token`` does not wait for the second step (any more).
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many recovery codes are being hashed.
    SessionsUnavailableError
        The session store does not answer.
    """
    with _reported_step(core, token, origin) as (waiting, account_id):
        account = passkeys.prove(core, account_id=account_id, token=token, credential=credential)
        with core.sessions.begin() as session:
            call_off(session, account_id)
        return _end(core, account, token, waiting)


def set_up_second_factor(core: Core, *, token: str, code: str, origin: Origin) -> tuple[Login, list[str]]:
    """Keep the authenticator whose secret the waiting session showed, once it gave a right code; begin the session.

    Returns
    -------
    tuple
        The session, and the recovery codes, which are shown this once.

    Raises
    ------
    SecondStepOverError
        The session ``token`` does not wait for a second factor to be set up (any more), or another device was set up
        meanwhile.
    WrongSecondFactorError
        The code is wrong, or of another time.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many recovery codes are being hashed.
    SessionsUnavailableError
        The session store does not answer.
    """
    waiting, account_id = _waiting(core, token, origin)
    secret = waiting.form.get(SECRET)
    if secret is None:
        raise SecondStepOverError
    step = second_factor.matching_step(secret, code, core.clock.now())
    if step is None:
        raise WrongSecondFactorError
    codes = recovery_codes.make(core, account_id)
    with core.sessions.begin() as session:
        account = _locked_without_factor(session, account_id)
        second_factor.keep(session, core, account_id=account.id, secret=secret, step=step)
        _set_up(session, core, account, codes)
    return _end(core, account, token, waiting), codes.shown


def set_up_passkey(core: Core, *, token: str, credential: str, name: str, origin: Origin) -> tuple[Login, list[str]]:
    """Keep a first passkey instead of an authenticator, and begin the session.

    Returns
    -------
    tuple
        The session, and the recovery codes, which are shown this once.

    Raises
    ------
    InvalidInputError
        ``name`` is missing, too long or not printable.
    WrongPasskeyError
        The answer is to no open challenge of this session, unusable, or without its owner's verification; or somebody
        has the passkey already.
    SecondStepOverError
        The session ``token`` does not wait for a second factor to be set up (any more), or another device was set up
        meanwhile.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many recovery codes are being hashed.
    SessionsUnavailableError
        The session store does not answer.
    """
    name = passkeys.read_name(name)
    waiting, account_id = _waiting(core, token, origin)
    if SECRET not in waiting.form:
        raise SecondStepOverError
    made = passkeys.verify_new(core, token=token, credential=credential)
    codes = recovery_codes.make(core, account_id)
    with core.sessions.begin() as session:
        account = _locked_without_factor(session, account_id)
        if not passkeys.keep(session, core, account_id=account.id, made=made, name=name):
            raise WrongPasskeyError
        _set_up(session, core, account, codes)
    return _end(core, account, token, waiting), codes.shown


@contextmanager
def _reported_step(core: Core, token: str, origin: Origin) -> Iterator[tuple[SessionData, UUID]]:
    """Return the waiting session and its account, and write a security event about how the step ends."""
    waiting = sessions.read(core, token)
    with reported(core, "sign_in.second_step", origin, account_id=waiting.proving if waiting else None):
        yield _charged(core, waiting, origin)


def _waiting(core: Core, token: str, origin: Origin) -> tuple[SessionData, UUID]:
    return _charged(core, sessions.read(core, token), origin)


def _charged(core: Core, waiting: SessionData | None, origin: Origin) -> tuple[SessionData, UUID]:
    if waiting is None or waiting.proving is None:
        raise SecondStepOverError
    charge(core, second_factor.ACTION, origin.subjects(account=str(waiting.proving)))
    return waiting, waiting.proving


def _locked_without_factor(session: Session, account_id: UUID) -> Account:
    """Lock the account, so that of two who set up at once one does."""
    account = session.get_one(Account, account_id, with_for_update={"key_share": True})
    if second_factor.has_second_factor(session, account_id):
        raise SecondStepOverError
    return account


def _set_up(session: Session, core: Core, account: Account, codes: recovery_codes.NewCodes) -> None:
    recovery_codes.keep(session, account.id, codes)
    second_factor.record(session, core, account, "second_factor.set_up")
    tell(session, core, account.id, "second_factor_set_up")


def _end(core: Core, account: Account, token: str, waiting: SessionData) -> Login:
    login = log_in(core, account, waiting.device)
    # Whatever ends an account's sessions ended the waiting one too: see `sign_in.begin_sign_in`.
    if sessions.read(core, token) is None:
        sessions.delete(core, login.token)
        raise SecondStepOverError
    sessions.delete(core, token)
    return login


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
