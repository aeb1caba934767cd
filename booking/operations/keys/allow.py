"""Who may replace a key, and when: an administrator with a fresh code, and no process that would be left behind."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.key_check import SETTING
from booking.country.core.presence import IS_OURS
from booking.country.core.security import reported
from booking.operations.keys.seal_anew import SEALED, RotationError, head_of, is_sealed, stores
from booking.people.accounts.errors import WrongSecondFactorError
from booking.people.accounts.second_factor import ACTION, TypedCode, has_codes, note_recovery, read_code, spend
from booking.platform.base.settings import SecondFactor
from booking.platform.base.vault import Secret, key_named
from booking.platform.models import Account, KeyCheck

_OTHERS: Final = text(
    """
    SELECT string_agg(concat('process ', pid, ' from ', coalesce(host(client_addr), 'this machine')), ', ' ORDER BY pid)
    FROM pg_stat_activity
    WHERE datname = current_database() AND split_part(application_name, ' ', 1) = 'mawid' AND pid <> pg_backend_pid()
      AND NOT coalesce(:key_id = ANY (string_to_array(application_name, ' ')), false) AND {is_ours}
    """.replace("{is_ours}", IS_OURS)
)
"""Connections of other processes of Mawid; of those alone, where a key id is given, that do not know the secret."""


def asks_for_code(core: Core, *, by: UUID) -> bool:
    """Return whether an account that may replace a key has a second step to show; raises ForbiddenError."""
    with core.sessions() as session:
        require(session.get(Account, by), Permission.ROTATE_KEYS)
        return has_codes(session, by)


def try_code(core: Core, account_id: UUID, code: str) -> TypedCode:
    """Count a try of a code, and do the slow part of comparing it, before the transaction in which it is used up.

    Raises
    ------
    TooManyAttemptsError
        Too many were tried for this account.
    BusyError
        It may be a recovery code, and too many are hashed.
    """
    charge(core, ACTION, {"account": str(account_id)})
    return read_code(core, account_id, code)


def proven(session: Session, core: Core, account_id: UUID, code: TypedCode) -> Account:
    """Return the account of an administrator whose code is right, and use the code up.

    An account without a second step passes only where none is demanded.

    Raises
    ------
    ForbiddenError
        The account may not replace keys.
    WrongSecondFactorError
        The code is wrong, of another time or was used, or there is none.
    """
    account = require(session.get(Account, account_id), Permission.ROTATE_KEYS)
    if has_codes(session, account_id) or core.settings.staff_second_factor is SecondFactor.REQUIRED:
        with reported(core, "sign_in.again", None, account_id=account_id):
            used = spend(session, core, account_id=account_id, code=code)
            if used is None:
                raise WrongSecondFactorError
        note_recovery(session, core, account_id=account_id, used=used)
    return account


def refuse_in_the_dark(session: Session, core: Core, wanted: Secret) -> None:
    """Refuse while a process runs that does not know a secret, and could not read what it seals.

    Raises
    ------
    RotationError
        There are such processes; it names them. Or behind a pooler, nobody can see them.
    """
    _require_sight(core)
    if found := session.scalar(_OTHERS, {"key_id": wanted.key_id.hex()}):
        raise RotationError(
            f"not every process knows the new secret ({found}): start all of them with it in {SETTING} and the one"
            f" before in {SETTING}_OLD, then run this again; nothing was changed"
        )


def refuse_company(session: Session, core: Core) -> None:
    """Refuse while any other process of Mawid runs, or might unseen; raises RotationError, which names them."""
    _require_sight(core)
    if found := session.scalar(_OTHERS, {"key_id": None}):
        raise RotationError(f"stop every web process, worker and command first ({found}); nothing was changed")


def _require_sight(core: Core) -> None:
    if core.settings.database_pooled:
        raise RotationError(
            "through a pooler nobody sees which processes run: with the server's own address in MAWID_DATABASE_URL and"
            " MAWID_DATABASE_POOLED=false, run this again; nothing was changed"
        )


FILES: Final = "evidence"
"""How the files are called among the tables."""
WITHOUT_ID: Final = ""
"""The id of what was sealed before there were ids."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A secret by its id: what the database says of it, and what it seals, by table.

    ``given`` tells whether the settings have it. ``created_at`` is None for one that waits to replace the one in use,
    and for what has no id.
    """

    key_id: str
    given: bool
    present: bool
    created_at: datetime | None
    replaced_at: datetime | None
    free_from: datetime | None
    seals: Counter[str]


def list_keys(core: Core) -> list[KnownKey]:
    """Return every secret that the database or the settings know, or that sealed something; the one in use first.

    All that is sealed is counted, which reads each of its tables and the beginning of each file.
    """
    sealed = count_sealed(core)
    with core.sessions() as session:
        rows = {_id_of(core, row): row for row in session.scalars(select(KeyCheck))}
    given = {one.key_id.hex() for one in core.vault.known}
    found = [
        KnownKey(
            key_id,
            given=key_id in given,
            present=row is not None and row.present,
            created_at=None if row is None else row.created_at,
            replaced_at=None if row is None else row.replaced_at,
            free_from=None if row is None else row.free_from,
            seals=sealed.get(key_id, Counter()),
        )
        for key_id in rows.keys() | given | sealed.keys()
        for row in (rows.get(key_id),)
    ]
    return sorted(found, key=lambda one: (not one.present, one.created_at is None, one.key_id))


def count_sealed(core: Core) -> dict[str, Counter[str]]:
    """Count what each secret seals: by its id, then by table."""
    found: dict[str, Counter[str]] = {}
    with core.sessions() as session:
        for sealed in SEALED:
            head = head_of(sealed)
            for start, number in session.execute(select(head, func.count()).where(is_sealed(sealed)).group_by(head)):
                found.setdefault(_known(core, start), Counter())[sealed.table] += number
    for store in stores(core):
        for _, _, named in store.heads():
            found.setdefault(named, Counter())[FILES] += 1
    return found


def _known(core: Core, head: bytes) -> str:
    """Return the id of a known secret in front of a value; a random nonce may begin like the id of none."""
    named = key_named(head)
    return named if any(named == one.key_id.hex() for one in core.vault.known) else WITHOUT_ID


def _id_of(core: Core, row: KeyCheck) -> str:
    """Return the id of a row's secret, also in a database from before there were ids."""
    return next((one.key_id.hex() for one in core.vault.known if one.check_value == row.value), row.secret)
