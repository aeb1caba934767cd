"""Replace the lasting key after a leak, while nothing else runs: every lookup hash is hashed again."""

import secrets
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.key_check import LASTING_BYTES, LOCK, in_use_of
from booking.operations.keys.allow import proven, refuse_company, try_code
from booking.operations.keys.columns import LASTING
from booking.platform.base.vault import hash_again
from booking.platform.models import KeyCheck, PersonKey, PhoneCode
from booking.platform.models.base import Base

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
