"""Whether the secrets are those that sealed the database: with others nothing could be read, and nobody found."""

import math
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any, Final

import psycopg
import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy import Engine, event, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DisconnectionError, ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from booking.country.core.presence import POOLED, own_number
from booking.country.core.register import open_phone, seal_phone
from booking.country.core.schema import SchemaError
from booking.platform.base.db import APPLICATION, TRIED_AFTER_SECONDS, Sessions
from booking.platform.base.settings import KEY_FILE, PREFIX, Settings, secrets_known
from booking.platform.base.vault import Secret, Vault
from booking.platform.models import Account, KeyCheck

SETTING: Final = f"{PREFIX}SECRET_KEY"
LOCK: Final = text("SELECT pg_advisory_xact_lock(0x6b657973)")  # "keys"
"""Held by a transaction that puts another secret or lasting key into use; a start waits for it."""

LASTING_BYTES: Final = 32
_CHECKED: Final = "keys checked"
_WITH_LOCK: Final = text("SELECT pg_advisory_xact_lock_shared(0x6b657973)")

_log = structlog.get_logger("mawid.keys")


class WrongSecretError(Exception):
    """A secret of the database is missing or another one; the message names the setting and shows no secret."""


class LeftBehindError(WrongSecretError, SQLAlchemyError):
    """The keys were replaced while this process was away: to whoever asks, its database does not answer."""


def connection_name(settings: Settings) -> str:
    """Return what a process's connections are called: its schema's number, and the ids of its secrets, if several.

    Those that a pooler may keep after the process has ended say so.

    Raises
    ------
    SettingsError
        The secret cannot be read.
    """
    known = Vault(*_first_and_rest(settings)).known
    ids = [one.key_id.hex() for one in known if len(known) > 1]
    return " ".join([APPLICATION, own_number(), *ids, *([POOLED] if settings.database_pooled else [])])


def open_vault(sessions: Sessions, settings: Settings, *, now: datetime) -> Vault:
    """Open the vault of a database with the secrets of the settings; its first start has it know the secret.

    It seals with the secret that the database has in use, also where the settings know one that is to replace it. Of
    two first starts with different secrets one is refused.

    Raises
    ------
    WrongSecretError
        The secret in use is not among those of the settings, or one that is still needed is not; or the database, from
        before it knew, holds what the secret does not open.
    SchemaError
        The database's schema is older than the check.
    """
    first, older = _first_and_rest(settings)
    known = Vault(first, older).known
    try:
        with sessions.begin() as session:
            session.execute(_WITH_LOCK)
            some = session.scalars(_SOME).all() if session.scalar(_MAY_READ) else ()
            rows: Sequence[Any] = session.execute(_ROWS).all()
            if not rows and (not some or any(_found_by(Vault(first), some))):
                rows = _first_start(session, known[0], with_lasting=not some, now=now)
    except ProgrammingError as error:
        if not isinstance(error.orig, (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)):
            raise
        raise SchemaError("the database's schema is older than this version of Mawid: run `mawid migrate`") from None
    values = {one.check_value: one for one in known}
    present = next((row for row in rows if row.present and row.value in values), None)
    if present is None:
        where = SETTING if settings.secret_key is not None else str(settings.state_dir / KEY_FILE)
        raise WrongSecretError(
            f"{where} is not the secret that sealed this database: put that one back. With another one nothing that is"
            " sealed can be read, and people would be registered twice"
        )
    for row in rows:
        if not row.present and row.value not in values and (row.free_from is None or now < row.free_from):
            until = "until `mawid keys rotate` frees it" if row.free_from is None else f"until {row.free_from:%F %R %Z}"
            raise WrongSecretError(
                f"the secret before, with the key id {row.secret}, is still needed {until}: put it back into"
                f" {SETTING}_OLD. Without it values that it sealed cannot be read, and people are signed out"
            )
    vault = _with_lasting(settings, values[present.value], present.lasting)
    if (found := _found_by(vault, some)) and not any(found):
        raise WrongSecretError(_DAMAGED)
    vault.use(present.value)
    if len(vault.known) > 1:
        vault.follow(_look_into(sessions))
    return vault


def refuse_left_behind(engine: Engine, vault: Vault, *, pooled: bool) -> None:
    """Let a process open no further connection once its keys are not those of the database any more.

    Keys are replaced while every process that is connected knows of it, or none is; one that comes back later would
    seal what others cannot read, or register people twice. Behind a pooler nobody sees who is connected: there a
    connection is checked again where it is used a second or more after the last time.
    """
    known: set[tuple[bytes, bytes | None]] = set()

    def check(connection: psycopg.Connection, *_: object) -> None:
        connection.autocommit = True
        found = connection.execute("SELECT value, lasting FROM key_check WHERE present").fetchone()
        connection.autocommit = False
        if found is None or found in known:
            return
        value, sealed = found
        for secret in vault.known:
            with suppress(InvalidTag):
                if secret.check_value == value and secret.open_lasting(sealed) == vault.lasting:
                    known.add((value, sealed))
                    return
        raise LeftBehindError("this database's keys were replaced while this process was away: start it again")

    def check_again(connection: psycopg.Connection, record: ConnectionPoolEntry, _: object) -> None:
        if monotonic() - record.info.get(_CHECKED, -math.inf) < TRIED_AFTER_SECONDS:
            return
        try:
            check(connection)
        except psycopg.OperationalError as error:
            raise DisconnectionError from error  # the engine opens another one, and tries that
        record.info[_CHECKED] = monotonic()

    event.listen(engine, "connect", check)
    if pooled:
        event.listen(engine, "checkout", check_again)


def secret_fits(sessions: Sessions, vault: Vault) -> bool:
    """Return whether the secret in use is known; True where no database answers, which another check reports."""
    try:
        with sessions() as session:
            in_use = in_use_of(session)
    except SQLAlchemyError:
        return True
    return any(one.check_value == in_use for one in vault.known)


def in_use_of(session: Session) -> bytes | None:
    """Return the check value of the secret that is in use."""
    return session.scalar(select(KeyCheck.value).where(KeyCheck.present))


_ROWS: Final = select(KeyCheck.secret, KeyCheck.value, KeyCheck.lasting, KeyCheck.present, KeyCheck.free_from)
_SOME: Final = select(Account).where(Account.phone_ciphertext != b"").limit(5)
_MAY_READ: Final = text("SELECT has_column_privilege('account', 'phone_ciphertext', 'SELECT')")
_DAMAGED: Final = (
    "the lasting key in the table key_check is not the one by which this database finds its people: restore that table"
    " from a backup. With another one people would be registered twice"
)


def _first_and_rest(settings: Settings) -> tuple[bytes, Sequence[bytes]]:
    first, *older = secrets_known(settings)
    return first, older


def _with_lasting(settings: Settings, in_use: Secret, sealed: bytes | None) -> Vault:
    first, older = _first_and_rest(settings)
    try:
        return Vault(first, older, lasting=in_use.open_lasting(sealed))
    except InvalidTag:
        raise WrongSecretError(_DAMAGED) from None


def _first_start(session: Session, secret: Secret, *, with_lasting: bool, now: datetime) -> Sequence[Any]:
    """Have a database know its secret, and give it a lasting key where nobody is registered yet."""
    lasting = secret.seal_lasting([secrets.token_bytes(LASTING_BYTES)]) if with_lasting else None
    entry = {"secret": secret.key_id.hex(), "value": secret.check_value, "lasting": lasting, "present": True}
    session.execute(insert(KeyCheck).values(entry | {"created_at": now}).on_conflict_do_nothing())
    return session.execute(_ROWS).all()


def _found_by(vault: Vault, some: Sequence[Account]) -> list[bool]:
    """Tell of each account whose phone number the vault opens whether the number's hash finds it."""
    found = []
    for account in some:
        with suppress(InvalidTag):
            found.append(seal_phone(vault, open_phone(vault, account)).hash == account.phone_hash)
    return found


def _look_into(sessions: Sessions) -> Callable[[], bytes | None]:
    def look() -> bytes | None:
        try:
            with sessions() as session:
                return in_use_of(session)
        except SQLAlchemyError as error:  # the secret before stays; whoever writes to the database hears of it too
            _log.warning("secret_in_use_unknown", error=type(error).__name__)
            return None

    return look
