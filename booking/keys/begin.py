"""Put another secret into use, once every process knows it."""

from typing import Final
from uuid import UUID

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.orm import Session

from booking.accounts.errors import WrongSecondFactorError
from booking.accounts.second_factor import ACTION, has_codes, note_recovery, spend
from booking.base.settings import SecondFactor, master_secret
from booking.base.vault import Secret
from booking.core import audit
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.key_check import LOCK, SETTING
from booking.core.permissions import Permission, require
from booking.keys.errors import RotationError
from booking.models import Account, KeyCheck

_IN_THE_DARK: Final = text(
    """
    SELECT string_agg(concat('process ', pid, ' from ', coalesce(host(client_addr), 'this machine')), ', ' ORDER BY pid)
    FROM pg_stat_activity
    WHERE datname = current_database() AND split_part(application_name, ' ', 1) = 'mawid'
      AND NOT :key_id = ANY (string_to_array(application_name, ' '))
    """
)
"""Connections of processes that were started without the secret: they could not read what it seals."""


def needs_code(core: Core, *, by: UUID) -> bool:
    """Return whether a code of the second step is asked for: the secret is to be replaced, and the account has codes.

    Raises
    ------
    ForbiddenError
        The account may not replace the secret.
    """
    with core.sessions() as session:
        require(session.get(Account, by), Permission.ROTATE_KEYS)
        waits = _wanted(core).check_value != _row_in_use(session).value
        return waits and has_codes(session, by)


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
        The secret was in use before; or processes run that do not know it.
    """
    wanted = _wanted(core)
    if code:
        charge(core, ACTION, {"account": str(by)})
    with core.sessions.begin() as session:
        session.execute(LOCK)
        account = require(session.get(Account, by), Permission.ROTATE_KEYS)
        before = _row_in_use(session)
        if before.value == wanted.check_value:
            return False
        _prove(session, core, by, code)
        _refuse_used(session, wanted)
        _refuse_in_the_dark(session, wanted)
        _replace(session, core, before, wanted)
        new_id, old_id = wanted.key_id.hex(), core.vault.present.key_id.hex()
        audit.record(session, core, account, "keys.rotated", new_id, before=old_id)
    core.vault.use(wanted.check_value)
    return True


def _wanted(core: Core) -> Secret:
    return Secret(master_secret(core.settings))


def _row_in_use(session: Session) -> Row[str, bytes]:
    return session.execute(select(KeyCheck.secret, KeyCheck.value).where(KeyCheck.present)).one()


def _prove(session: Session, core: Core, account_id: UUID, code: str) -> None:
    """Use up a code; an account without one may only pass where no second step is demanded."""
    if not has_codes(session, account_id) and core.settings.staff_second_factor is SecondFactor.OFF:
        return
    used = spend(session, core, account_id=account_id, code=code)
    if used is None:
        raise WrongSecondFactorError
    note_recovery(session, core, account_id=account_id, used=used)


def _refuse_used(session: Session, wanted: Secret) -> None:
    if session.scalar(select(KeyCheck.secret).where(KeyCheck.value == wanted.check_value)) is not None:
        raise RotationError(f"the secret in {SETTING} was in use before: make a new one (openssl rand -hex 32)")


def _refuse_in_the_dark(session: Session, wanted: Secret) -> None:
    found = session.scalar(_IN_THE_DARK, {"key_id": wanted.key_id.hex()})
    if found is not None:
        raise RotationError(
            f"not every process knows the new secret ({found}): start all of them with it in {SETTING} and the one"
            f" before in {SETTING}_OLD, then run this again; nothing was changed"
        )


def _replace(session: Session, core: Core, before: Row[str, bytes], wanted: Secret) -> None:
    now, old = core.clock.now(), core.vault.present
    ended = {"secret": old.key_id.hex(), "present": False, "replaced_at": now, "lasting": None}
    session.execute(update(KeyCheck).where(KeyCheck.secret == before.secret).values(ended))
    lasting = core.vault.lasting_for(wanted)
    row = {"secret": wanted.key_id.hex(), "value": wanted.check_value, "lasting": lasting, "present": True}
    session.execute(insert(KeyCheck).values(row | {"created_at": now}))
