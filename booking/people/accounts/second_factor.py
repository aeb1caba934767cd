"""The second factor: an authenticator's codes (TOTP, RFC 6238), and recovery codes for when it is lost.

Passkeys, which may stand beside or instead of an authenticator, are in `booking.people.accounts.passkeys`.

What works in the caller's transaction takes a session first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.people.accounts import recovery_codes
from booking.platform.base import fields
from booking.platform.models import Account, Passkey, RecoveryCode, SecondFactor
from booking.platform.models.accounts.person import has_any
from booking.platform.models.base import Json

ACTION: Final = "second_factor"
"""What an attempt is called where limits are set."""

SECONDS: Final = 30
CLOCKS_DIFFER: Final = 1
"""Time steps by which an authenticator's clock may be ahead or behind."""

_ISSUER: Final = "Mawid"


@dataclass(frozen=True, slots=True)
class TypedCode:
    """A code as it was typed, and what is kept of it if it is a recovery code; `read_code` makes it."""

    typed: str
    recovery: list[bytes]


def new_secret() -> str:
    """Make the secret of an authenticator, in base 32 as its owner may type it."""
    return pyotp.random_base32()


def setup_address(secret: str, username: str) -> str:
    """Return the ``otpauth:`` address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=username, issuer_name=_ISSUER)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Find the time step that a typed code belongs to, as far as clocks may be off; None without such a step."""
    totp, today = pyotp.TOTP(secret, interval=SECONDS), int(now.timestamp()) // SECONDS
    typed = fields.latin_digits(code).replace(" ", "")
    steps = range(today - CLOCKS_DIFFER, today + CLOCKS_DIFFER + 1)
    matching = [step for step in steps if strings_equal(totp.generate_otp(step), typed)]
    return matching[-1] if matching else None


def has_second_factor(session: Session, account_id: UUID) -> bool:
    """Return whether an account has set up an authenticator or a passkey, even one that is not believed any more."""
    return session.scalars(select(has_any(account_id))).one()


def has_codes(session: Session, account_id: UUID) -> bool:
    """Return whether an account can type a code: its authenticator's, or a recovery code that was not used."""
    return session.get(SecondFactor, account_id) is not None or recovery_codes.left(session, account_id) > 0


def keep(session: Session, core: Core, *, account_id: UUID, secret: str, step: int) -> bool:
    """Keep an authenticator, whose first code was of ``step``; False where the account has one already."""
    kept = insert(SecondFactor).values(
        account_id=account_id,
        secret_ciphertext=core.vault.encrypt(secret, about_factor(account_id)),
        last_step=step,
        created_at=core.clock.now(),
    )
    return session.scalar(kept.on_conflict_do_nothing().returning(SecondFactor.account_id)) is not None


def read_code(core: Core, account_id: UUID, code: str) -> TypedCode:
    """Do the slow part of comparing a typed code, before the transaction in which `spend` uses it up.

    Raises
    ------
    BusyError
        It may be a recovery code, and too many are hashed.
    """
    return TypedCode(code, recovery_codes.hashes_of(core, account_id, code))


def spend(session: Session, core: Core, *, account_id: UUID, code: TypedCode) -> str | None:
    """Use up a code in the caller's transaction; return what it was, "app" or "recovery", or None where it is wrong.

    Of two who bring the same code at once, the database lets one have it.
    """
    factor, now = session.get(SecondFactor, account_id), core.clock.now()
    step = None
    if factor is not None:
        step = matching_step(core.vault.decrypt(factor.secret_ciphertext, about_factor(account_id)), code.typed, now)
    if step is not None:
        newer = update(SecondFactor).where(SecondFactor.account_id == account_id, SecondFactor.last_step < step)
        spent = session.scalar(newer.values(last_step=step).returning(SecondFactor.account_id))
        return None if spent is None else "app"
    return "recovery" if recovery_codes.spend(session, account_id, code.recovery, now) else None


def note_recovery(session: Session, core: Core, *, account_id: UUID, used: str | None) -> None:
    """Put on record that `spend` used up a recovery code, and tell its owner; last in the caller's transaction."""
    if used == "recovery":
        record(session, core, session.get_one(Account, account_id), "second_factor.recovered")
        tell(session, core, account_id, "recovery_code_used")


def forget(session: Session, account_id: UUID) -> Json:
    """Remove an account's authenticator, passkeys and recovery codes; return what there was, for the record."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    app = delete(SecondFactor).where(SecondFactor.account_id == account_id).returning(SecondFactor.account_id)
    passkeys = delete(Passkey).where(Passkey.account_id == account_id).returning(Passkey.name)
    return {"app": session.scalar(app) is not None, "passkeys": sorted(session.scalars(passkeys))}


def record(session: Session, core: Core, account: Account, action: str, details: Json | None = None) -> None:
    """Put on record what an account did about its own second factor."""
    audit.record(session, core, account, action, str(account.id), **(details or {}))


def about_factor(account_id: UUID) -> str:
    """Return what the secret of an authenticator is bound to."""
    return f"second factor of {account_id}"
