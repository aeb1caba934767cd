"""Put another secret into use, once every process knows it."""

from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.key_check import LOCK, SETTING, in_use_of
from booking.operations.keys.allow import proven, refuse_in_the_dark, try_code
from booking.operations.keys.errors import RotationError
from booking.operations.keys.seal_anew import require_files
from booking.platform.base.settings import master_secret
from booking.platform.base.vault import Secret
from booking.platform.models import KeyCheck


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
