"""Replace the secret: seal everything anew, and say when the one before may be thrown away."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.idempotency import KEY_LIFETIME
from booking.country.core.key_check import LOCK
from booking.country.core.permissions import Permission, require
from booking.operations.keys.columns import SEALED
from booking.operations.keys.seal_anew import require_files, seal_files_anew, seal_rows_anew
from booking.operations.keys.views import FILES, count_sealed
from booking.platform.models import Account, KeyCheck

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
