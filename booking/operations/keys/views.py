"""Which secrets there are, what each of them still seals, and since when one may be thrown away."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from booking.country.core.core import Core
from booking.operations.keys.columns import SEALED
from booking.operations.keys.seal_anew import head_of, is_sealed, stores
from booking.platform.base.vault import key_named
from booking.platform.models import KeyCheck

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
