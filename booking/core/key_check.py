"""Whether the secret is the one that sealed the database: with another one people would be registered twice."""

import hmac
from datetime import datetime
from typing import Final

import psycopg
from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from booking.base.db import Sessions
from booking.base.settings import KEY_FILE, PREFIX, Settings
from booking.base.vault import Vault
from booking.core.schema import SchemaError
from booking.core.sealed import open_phone
from booking.models import Account, KeyCheck

SECRET: Final = f"{PREFIX}SECRET_KEY"


class WrongSecretError(Exception):
    """A secret is not the one with which the database was first used; the message names it and does not show it."""


def require_secret(sessions: Sessions, vault: Vault, settings: Settings, *, now: datetime) -> None:
    """Compare the secret with the one that the database knows; the first start has it know one.

    Of two first starts with different secrets one is refused.

    Raises
    ------
    WrongSecretError
        It is another one; or the database, from before it knew, holds phone numbers that it does not open.
    SchemaError
        The database's schema is older than the check.
    """
    try:
        with sessions.begin() as session:
            known = _known(session)
            if known is None and _opens_what_is_there(session, vault):
                entry = {"secret": SECRET, "value": vault.check_value(), "created_at": now}
                session.execute(insert(KeyCheck).values(entry).on_conflict_do_nothing())
                known = _known(session)
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.UndefinedTable):
            raise
        raise SchemaError("the database's schema is older than this version of Mawid: run `mawid migrate`") from None
    if known is None or not _fits(vault, known):
        where = SECRET if settings.secret_key is not None else str(settings.state_dir / KEY_FILE)
        raise WrongSecretError(
            f"{where} is not the secret with which this database was first used: put that one back. With another one"
            " nothing that is sealed can be read, and people would be registered twice"
        )


def secret_fits(sessions: Sessions, vault: Vault) -> bool:
    """Return whether the database knows the secret; True where it does not answer, which another check reports."""
    try:
        with sessions() as session:
            known = _known(session)
    except SQLAlchemyError:
        return True
    return known is not None and _fits(vault, known)


def _known(session: Session) -> bytes | None:
    return session.scalar(select(KeyCheck.value).where(KeyCheck.secret == SECRET))


def _fits(vault: Vault, known: bytes) -> bool:
    return hmac.compare_digest(vault.check_value(), known)


def _opens_what_is_there(session: Session, vault: Vault) -> bool:
    """Try the secret on the oldest account that has a phone number; True where there is none."""
    oldest = select(Account).where(Account.phone_ciphertext != b"").order_by(Account.created_at).limit(1)
    account = session.scalar(oldest)
    try:
        return account is None or bool(open_phone(vault, account))
    except InvalidTag:
        return False
