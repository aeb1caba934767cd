"""The second step once more, for what an open tab alone must not be enough: roles, names behind codes, revocations."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from booking.accounts import passkeys, second_factor
from booking.accounts.errors import WrongSecondFactorError
from booking.core import sessions
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.origin import Origin
from booking.core.security import reported
from booking.core.session_data import SessionData

FRESH: Final = timedelta(minutes=15)
"""How old a proof may be; signing in is one."""


def is_fresh(core: Core, data: SessionData) -> bool:
    """Return whether the owner of a session proved lately who they are.

    Who signs in by the password alone has nothing to prove it with; in production no staff do.
    """
    if data.account_id is None:
        return False
    if data.proved_at is not None and core.clock.now() - data.proved_at < FRESH:
        return True
    with core.sessions() as session:
        return not second_factor.has_second_factor(session, data.account_id)


def prove_again(core: Core, *, account_id: UUID, token: str, code: str, origin: Origin) -> None:
    """Use up a code of the authenticator, or a recovery code, whose use is on record; the session is fresh again.

    Raises
    ------
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    prove_by_code(core, account_id=account_id, code=code, origin=origin)
    sessions.note_proof(core, token)


def prove_by_code(core: Core, *, account_id: UUID, code: str, origin: Origin) -> None:
    """Use up a code of the authenticator, or a recovery code, whose use is on record.

    Raises
    ------
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    """
    with reported(core, "sign_in.again", origin, account_id=account_id):
        charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
        with core.sessions.begin() as session:
            used = second_factor.spend(session, core, account_id=account_id, code=code)
            second_factor.note_recovery(session, core, account_id=account_id, used=used)
        if used is None:
            raise WrongSecondFactorError


def prove_again_by_passkey(core: Core, *, account_id: UUID, token: str, credential: str, origin: Origin) -> None:
    """Accept the answer of a passkey to the challenge of this session, which is fresh again.

    Raises
    ------
    WrongPasskeyError
        The answer is of no passkey of the account, to no open challenge, unsigned, or without its owner's verification.
    PasskeyCopiedError
        Its counter fell behind, which only a copy explains; this goes on record, and its owner is told.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    with reported(core, "sign_in.again", origin, account_id=account_id):
        charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
        passkeys.prove(core, account_id=account_id, token=token, credential=credential)
        sessions.note_proof(core, token)
