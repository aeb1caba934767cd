"""Who may replace a key, and when: an administrator with a fresh code, and no process that would be left behind."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.key_check import SETTING
from booking.country.core.permissions import Permission, require
from booking.country.core.presence import IS_OURS
from booking.country.core.security import reported
from booking.operations.keys.errors import RotationError
from booking.people.accounts.errors import WrongSecondFactorError
from booking.people.accounts.second_factor import ACTION, TypedCode, has_codes, note_recovery, read_code, spend
from booking.platform.base.settings import SecondFactor
from booking.platform.base.vault import Secret
from booking.platform.models import Account

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
