"""Replace the secret: seal everything anew, and say when the one before may be thrown away."""

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.idempotency import KEY_LIFETIME
from booking.country.core.key_check import LASTING_BYTES, LOCK, SETTING, in_use_of
from booking.operations.keys.allow import FILES, count_sealed, proven, refuse_company, refuse_in_the_dark, try_code
from booking.operations.keys.seal_anew import (
    LASTING,
    SEALED,
    RotationError,
    require_files,
    seal_files_anew,
    seal_rows_anew,
)
from booking.platform.base.settings import master_secret
from booking.platform.base.vault import Secret, hash_again
from booking.platform.models import Account, KeyCheck, PersonKey, PhoneCode
from booking.platform.models.base import Base

SETTLED: Final = timedelta(minutes=5)
"""After this the last transaction has ended that sealed with the secret before (`Vault.follow`: every 5 seconds)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left: how much by table is sealed with another secret than the one in use, and how much of it is lost.

    ``free_from`` is when the secrets before may be thrown away; None while something may still need them, which the
    next run sees from ``again_from`` on (None: there is no secret before).
    """

    left: Counter[str]
    unreadable: int
    again_from: datetime | None
    free_from: datetime | None


def seal_everything(core: Core, *, by: UUID, at_once: bool = False, told: Callable[[str, int], None]) -> Outcome:
    """Seal with the secret in use whatever another one sealed; where nothing is left, say from when nobody needs it.

    Sessions and answers that are kept for some days in Redis are not sealed anew but wait for their end.

    Parameters
    ----------
    at_once
        Do not wait for them: who is signed in signs in again.
    told
        Called with the name of a table and how many of its values were done.

    Raises
    ------
    ForbiddenError
        The account may not replace the secret.
    RotationError
        The files are not seen from here.
    """
    with core.sessions() as session:
        require(session.get(Account, by), Permission.ROTATE_KEYS)
    require_files(core)
    core.vault.look_again()
    began, unreadable = core.clock.now(), 0
    for sealed in SEALED:
        unreadable += seal_rows_anew(core, sealed, partial(told, sealed.table))
    unreadable += seal_files_anew(core, partial(told, FILES))
    left = Counter[str]()
    for key_id, tables in count_sealed(core).items():
        if key_id != core.vault.present.key_id.hex():
            left += tables
    with core.sessions.begin() as session:
        session.execute(LOCK)
        replaced = session.scalar(select(func.max(KeyCheck.replaced_at)))
        if replaced is None:
            return Outcome(left, unreadable, again_from=None, free_from=None)
        settled = replaced + SETTLED
        if left or began < settled:
            return Outcome(left, unreadable, again_from=settled, free_from=None)
        kept = max(KEY_LIFETIME, core.settings.session_lifetime) + SETTLED
        _free(session, core, by, began if at_once else max(began, replaced + kept))
        return Outcome(left, unreadable, settled, session.scalar(select(func.max(KeyCheck.free_from))))


def _free(session: Session, core: Core, by: UUID, free_from: datetime) -> None:
    """Note from when no replaced secret is needed, unless an earlier run noted an earlier time."""
    account = require(session.get(Account, by), Permission.ROTATE_KEYS)
    waits = KeyCheck.free_from.is_(None) | (KeyCheck.free_from > free_from)
    waiting = update(KeyCheck).where(~KeyCheck.present, waits).values(free_from=free_from)
    for key_id in session.scalars(waiting.returning(KeyCheck.secret)).all():
        audit.record(session, core, account, "keys.freed", key_id, free_from=free_from.isoformat())


_ROWS_AT_ONCE: Final = 1000


def renew_lasting_key(core: Core, *, by: UUID, code: str = "", told: Callable[[str, int], None]) -> None:
    """Put another lasting key after those before, in one transaction: all hashes are new, or none.

    A hash becomes the hash of itself under the new key, so it needs no value, and whoever knows only the keys before
    cannot compute it. What was signed before is still known to the checks that ask the database. Codes that were sent
    end, and what people share is compared again in the night. The command ends after this: its own `Core` is of before.

    Parameters
    ----------
    code
        Of the account's authenticator, or a recovery code.
    told
        Called with the name of a table and how many of its rows were done.

    Raises
    ------
    ForbiddenError
        The account may not replace keys.
    WrongSecondFactorError
        The code is wrong, of another time or was used, or the account must have a second step and has no code.
    TooManyAttemptsError
        Too many codes were tried.
    RotationError
        Another process of Mawid runs.
    """
    typed = try_code(core, by, code)
    added = secrets.token_bytes(LASTING_BYTES)
    with core.sessions.begin() as session:
        session.execute(LOCK)
        refuse_company(session, core)
        core.vault.use(in_use_of(session))
        account = proven(session, core, by, typed)
        for name, columns in LASTING.items():
            told(name, _hash_again(session, Base.metadata.tables[name], columns.split(), added))
        session.execute(delete(PhoneCode))
        session.execute(delete(PersonKey))
        lasting = core.vault.present.seal_lasting((*core.vault.lasting, added))
        session.execute(update(KeyCheck).where(KeyCheck.present).values(lasting=lasting))
        audit.record(session, core, account, "keys.renewed", core.vault.present.key_id.hex())


def _hash_again(session: Session, table: Table, names: list[str], added: bytes) -> int:
    """Hash the columns of a table again and return how many rows; what is empty stays empty."""
    connection, keys = session.connection(), list(table.primary_key)
    columns, done = [table.c[name] for name in names], 0
    found = select(*(key.label(f"at_{key.name}") for key in keys), *columns).where(or_(*(c > b"" for c in columns)))
    anew = (
        update(table)
        .where(*(key == bindparam(f"at_{key.name}") for key in keys))
        .values({column: bindparam(f"new_{column.name}") for column in columns})
    )
    rows = connection.execute(found.execution_options(yield_per=_ROWS_AT_ONCE))
    for some in rows.mappings().partitions():
        connection.execute(anew, [_anew(dict(row), names, added) for row in some])
        done += len(some)
    return done


def _anew(row: dict[str, Any], names: list[str], added: bytes) -> dict[str, Any]:
    hashes = {f"new_{name}": row[name] and hash_again(row[name], added) for name in names}
    return {name: value for name, value in row.items() if name.startswith("at_")} | hashes


def waits_for_use(core: Core) -> bool:
    """Return whether the settings name another secret than the one in use."""
    with core.sessions() as session:
        return _wanted(core).check_value != in_use_of(session)


def begin_rotation(core: Core, *, by: UUID, code: str = "") -> bool:
    """Put the secret of the settings into use; return False where it is already.

    The lasting key is sealed with it, and no longer with the one before. From then on a process that knows only the
    one before does not start; this waits for starts that have begun, and sees them.

    Parameters
    ----------
    code
        Of the account's authenticator, or a recovery code.

    Raises
    ------
    ForbiddenError
        The account may not replace the secret.
    WrongSecondFactorError
        The code is wrong, of another time or was used, or the account must have a second step and has no code.
    TooManyAttemptsError
        Too many codes were tried.
    RotationError
        The secret was in use before; or processes run that do not know it; or the files are not seen from here.
    """
    wanted = _wanted(core)
    if not waits_for_use(core):
        return False
    require_files(core)
    typed = try_code(core, by, code)
    with core.sessions.begin() as session:
        session.execute(LOCK)
        before = _row_in_use(session)
        core.vault.use(before.value)
        if before.value == wanted.check_value:
            return False
        _refuse_used(session, wanted)
        refuse_in_the_dark(session, core, wanted)
        account = proven(session, core, by, typed)
        _replace(session, core, before, wanted)
        new_id, old_id = wanted.key_id.hex(), core.vault.present.key_id.hex()
        audit.record(session, core, account, "keys.rotated", new_id, before=old_id)
    core.vault.use(wanted.check_value)
    return True


def _wanted(core: Core) -> Secret:
    return Secret(master_secret(core.settings))


def _row_in_use(session: Session) -> Row[str, bytes]:
    return session.execute(select(KeyCheck.secret, KeyCheck.value).where(KeyCheck.present)).one()


def _refuse_used(session: Session, wanted: Secret) -> None:
    if session.scalar(select(KeyCheck.secret).where(KeyCheck.value == wanted.check_value)) is not None:
        raise RotationError(f"the secret in {SETTING} was in use before: make a new one (openssl rand -hex 32)")


def _replace(session: Session, core: Core, before: Row[str, bytes], wanted: Secret) -> None:
    now, old = core.clock.now(), core.vault.present
    ended = {"secret": old.key_id.hex(), "present": False, "replaced_at": now, "lasting": None}
    session.execute(update(KeyCheck).where(KeyCheck.secret == before.secret).values(ended))
    lasting = wanted.seal_lasting(core.vault.lasting)
    row = {"secret": wanted.key_id.hex(), "value": wanted.check_value, "lasting": lasting, "present": True}
    session.execute(insert(KeyCheck).values(row | {"created_at": now}))
