"""The second factor: an authenticator's codes (TOTP, RFC 6238), and recovery codes for when it is lost.

Passkeys, which may stand beside or instead of an authenticator, are in `booking.accounts.passkeys`.

What works in the caller's transaction takes a session first.
"""

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.base import fields
from booking.base.references import ALPHABET
from booking.core import audit
from booking.core.core import Core
from booking.core.messages import tell
from booking.models import Account, Passkey, RecoveryCode, SecondFactor
from booking.models.accounts.second_factor import has_any
from booking.models.base import Json

ACTION: Final = "second_factor"
"""What an attempt is called where limits are set."""

SECONDS: Final = 30
CLOCKS_DIFFER: Final = 1
"""Time steps by which an authenticator's clock may be ahead or behind."""

RECOVERY_CODES: Final = 10
_RECOVERY_LENGTH: Final = 10  # characters of 5 bits: never guessed, and hashed with a key besides
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})
_ISSUER: Final = "Mawid"


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
    return session.get(SecondFactor, account_id) is not None or recovery_codes_left(session, account_id) > 0


def keep(session: Session, core: Core, *, account_id: UUID, secret: str, step: int) -> bool:
    """Keep an authenticator, whose first code was of ``step``; False where the account has one already."""
    kept = insert(SecondFactor).values(
        account_id=account_id,
        secret_ciphertext=core.vault.encrypt(secret, about_factor(account_id)),
        last_step=step,
        created_at=core.clock.now(),
    )
    return session.scalar(kept.on_conflict_do_nothing().returning(SecondFactor.account_id)) is not None


def spend(session: Session, core: Core, *, account_id: UUID, code: str) -> str | None:
    """Use up a code in the caller's transaction; return what it was, "app" or "recovery", or None where it is wrong.

    Of two who bring the same code at once, the database lets one have it.
    """
    factor, now = session.get(SecondFactor, account_id), core.clock.now()
    step = None
    if factor is not None:
        step = matching_step(core.vault.decrypt(factor.secret_ciphertext, about_factor(account_id)), code, now)
    if step is not None:
        newer = update(SecondFactor).where(SecondFactor.account_id == account_id, SecondFactor.last_step < step)
        spent = session.scalar(newer.values(last_step=step).returning(SecondFactor.account_id))
        return None if spent is None else "app"
    unused = update(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.code_hash == _recovery_hash(core, account_id, code),
        RecoveryCode.used_at.is_(None),
    )
    return None if session.scalar(unused.values(used_at=now).returning(RecoveryCode.id)) is None else "recovery"


def note_recovery(session: Session, core: Core, *, account_id: UUID, used: str | None) -> None:
    """Put on record that `spend` used up a recovery code, and tell its owner; last in the caller's transaction."""
    if used == "recovery":
        record(session, core, session.get_one(Account, account_id), "second_factor.recovered")
        tell(session, core, account_id, "recovery_code_used")


def renew_recovery_codes(session: Session, core: Core, *, account_id: UUID) -> list[str]:
    """Make new recovery codes in the caller's transaction; the old ones are worth nothing from then on."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=_recovery_hash(core, account_id, code)) for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(session: Session, account_id: UUID) -> int:
    """Count the recovery codes that were not used."""
    unused = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalars(unused).one()


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


def _recovery_hash(core: Core, account_id: UUID, code: str) -> bytes:
    plain = fields.latin_digits(code).upper().translate(_MISREAD)
    return core.vault.lookup_hash(plain, f"recovery code of {account_id}")
