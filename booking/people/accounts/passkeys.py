"""The passkeys of an account: made, named and removed by their owner, used as the second step.

`booking.people.accounts.passkey_ceremony` is imported by the functions that need it: it loads slowly, and few visitors
do.
"""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import Select, and_, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.security import Origin
from booking.people.accounts import second_factor
from booking.people.accounts.errors import LastSecondFactorError, PasskeyCopiedError, WrongPasskeyError
from booking.people.accounts.fresh import require_fresh
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Account, Passkey, SecondFactor

if TYPE_CHECKING:
    from booking.people.accounts.passkey_ceremony import NewPasskey

MOST: Final = 10
"""Passkeys of one account: nobody has more devices, and each is named in the page's options."""

LONGEST_NAME: Final = 40
_NEW: Final = "new passkey"
_ANSWER: Final = "passkey"


def read_name(text: str) -> str:
    """Read what its owner calls a passkey; raises InvalidInputError about ``passkey_name``."""
    name = " ".join(text.split())
    if not name:
        raise InvalidInputError([FieldError("passkey_name", "missing")])
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError([FieldError("passkey_name", "too_long")])
    return name


def offer_new(core: Core, *, account_id: UUID, token: str) -> str:
    """Write the options by which a browser makes a passkey of the account, with a challenge for this session alone."""
    from booking.people.accounts import passkey_ceremony  # noqa: PLC0415 - see the module

    with core.sessions() as session:
        username, made = session.get_one(Account, account_id).username, session.scalars(_mine(account_id)).all()
    challenge = sessions.issue(core, _NEW, token)
    return passkey_ceremony.creation_options(
        core.settings,
        challenge=challenge,
        user_id=account_id.bytes,
        username=username,
        known=[one.credential_id for one in made],
    )


def offer(core: Core, *, account_id: UUID, token: str) -> str | None:
    """Write the options by which a browser asks for a passkey, with a challenge for this session; None without any."""
    from booking.people.accounts import passkey_ceremony  # noqa: PLC0415 - see the module

    with core.sessions() as session:
        known = [one.credential_id for one in session.scalars(_usable(account_id))]
    if not known:
        return None
    return passkey_ceremony.request_options(core.settings, challenge=sessions.issue(core, _ANSWER, token), known=known)


def verify_new(core: Core, *, token: str, credential: str) -> "NewPasskey":
    """Check a passkey that was made in answer to `offer_new`, whose challenge is used up; raises WrongPasskeyError."""
    from booking.people.accounts import passkey_ceremony  # noqa: PLC0415 - see the module

    made, challenge = passkey_ceremony.read_new(credential)
    if not sessions.redeem(core, _NEW, token, challenge):
        raise WrongPasskeyError
    return passkey_ceremony.check_new(core.settings, made, challenge=challenge)


def keep(session: Session, core: Core, *, account_id: UUID, made: "NewPasskey", name: str) -> bool:
    """Keep a passkey in the caller's transaction; False where somebody has it already."""
    kept = insert(Passkey).values(
        account_id=account_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
        created_at=core.clock.now(),
    )
    return session.scalar(kept.on_conflict_do_nothing().returning(Passkey.id)) is not None


def add(core: Core, *, account_id: UUID, token: str, credential: str, name: str, origin: Origin) -> None:
    """Add a passkey to an account that has a second factor, on record, and tell its owner.

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
        The account has no second factor, or an administrator reset it meanwhile.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    name = read_name(name)
    require_may_change(core, account_id=account_id, token=token)
    charge(core, second_factor.ACTION, origin.subjects(account=str(account_id)))
    made = verify_new(core, token=token, credential=credential)
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        if not second_factor.has_second_factor(session, account_id):  # an administrator reset it meanwhile
            raise NotFoundError
        if len(session.scalars(_mine(account_id)).all()) >= MOST:
            raise InvalidInputError([FieldError("passkey_name", "too_many_passkeys", most=MOST)])
        if not keep(session, core, account_id=account_id, made=made, name=name):
            raise WrongPasskeyError
        second_factor.record(session, core, account, "second_factor.passkey_added", {"name": name})
        tell(session, core, account_id, "passkey_added")


def remove(core: Core, *, account_id: UUID, token: str, passkey_id: UUID) -> None:
    """Remove a passkey of the account, on record, and tell its owner.

    Raises
    ------
    NotFoundError
        The account has no such passkey, or no second factor at all.
    LastSecondFactorError
        Nothing else that is still believed would remain for the second step.
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    SessionsUnavailableError
        The session store does not answer.
    """
    require_may_change(core, account_id=account_id, token=token)
    with core.sessions.begin() as session:
        account = _locked(session, account_id)
        passkey = _find(session, account_id, passkey_id)
        others = [one for one in session.scalars(_usable(account_id)) if one.id != passkey_id]
        if not others and session.get(SecondFactor, account_id) is None:
            raise LastSecondFactorError
        session.delete(passkey)
        second_factor.record(session, core, account, "second_factor.passkey_removed", {"name": passkey.name})
        tell(session, core, account_id, "passkey_removed")


def prove(core: Core, *, account_id: UUID, token: str, credential: str) -> Account:
    """Accept a passkey's answer to `offer`, whose challenge is used up; return the account.

    Raises
    ------
    WrongPasskeyError
        The answer is of no passkey of the account, to no open challenge, unsigned, or without its owner's verification.
    PasskeyCopiedError
        Its counter fell behind. Which of two is the real one nobody can tell, so neither is believed from then on.
    """
    from booking.people.accounts import passkey_ceremony  # noqa: PLC0415 - see the module

    answer = passkey_ceremony.read_answer(credential)
    if not sessions.redeem(core, _ANSWER, token, answer.challenge):
        raise WrongPasskeyError
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id)
        passkey = session.scalar(_usable(account_id).where(Passkey.credential_id == answer.credential_id))
        if passkey is None:
            raise WrongPasskeyError
        count = passkey_ceremony.check_answer(core.settings, answer, public_key=passkey.public_key)
        grew = or_(Passkey.sign_count < count, and_(Passkey.sign_count == 0, literal(count) == 0))
        newer = update(Passkey).where(Passkey.id == passkey.id, grew).returning(Passkey.id)
        used = session.scalar(newer.values(sign_count=count, last_used_at=core.clock.now()))
        if used is None:
            passkey.copied_at = core.clock.now()
            second_factor.record(session, core, account, "second_factor.passkey_copied", {"name": passkey.name})
            tell(session, core, account_id, "passkey_copied")
    if used is None:
        raise PasskeyCopiedError
    return account


def list_passkeys(core: Core, account_id: UUID) -> list[Passkey]:
    """List an account's passkeys, the oldest first, with those that are not believed any more."""
    with core.sessions() as session:
        return list(session.scalars(_mine(account_id)))


def find_passkey(core: Core, *, account_id: UUID, passkey_id: UUID) -> Passkey:
    """Return one passkey of an account; raises NotFoundError."""
    with core.sessions() as session:
        return _find(session, account_id, passkey_id)


def require_may_change(core: Core, *, account_id: UUID, token: str) -> None:
    """Check that the passkeys of an account may be changed in the session ``token``.

    Raises
    ------
    SignInAgainError
        The last proof in this session is older than `fresh.FRESH`, or the session is over.
    NotFoundError
        The account has no second factor: staff set theirs up when they sign in, others need none.
    SessionsUnavailableError
        The session store does not answer.
    """
    require_fresh(core, token)
    with core.sessions() as session:
        if not second_factor.has_second_factor(session, account_id):
            raise NotFoundError


def _mine(account_id: UUID) -> Select[Passkey]:
    return select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.created_at, Passkey.id)


def _usable(account_id: UUID) -> Select[Passkey]:
    return _mine(account_id).where(Passkey.copied_at.is_(None))


def _find(session: Session, account_id: UUID, passkey_id: UUID) -> Passkey:
    found = session.get(Passkey, passkey_id)
    if found is None or found.account_id != account_id:
        raise NotFoundError
    return found


def _locked(session: Session, account_id: UUID) -> Account:
    """Lock the account, so that of two changes at once each sees what the other left."""
    return session.get_one(Account, account_id, with_for_update={"key_share": True})
