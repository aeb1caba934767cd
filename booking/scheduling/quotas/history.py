"""Past draws as a what-if needs them: frozen files, seed, slots, quotas, and what is known of who asked; no names."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.policy.quota_table import OfficeRef, QuotaTable
from booking.platform.base.collecting import uncollected
from booking.platform.models import Draw, DrawEntry, Office, Person, QuotaPolicy, Request, RequestMember, Slot, SlotPool
from booking.platform.models.states import Pool
from booking.scheduling.draws.announce import committed, found, patient, require_format, stored_files
from booking.scheduling.draws.beacon import require_plan, settled
from booking.scheduling.draws.csv_tables import hidden
from booking.scheduling.draws.files import Frozen
from booking.scheduling.draws.frozen import frozen_of
from booking.scheduling.draws.results import read_plan
from booking.scheduling.quotas.outcome import NOT_KNOWN, Asked
from booking.scheduling.quotas.redraw import DaySlot

EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Past:
    """A published draw, to be repeated.

    ``bin_of_request``: int32 (n,), what it decided; ``urgent_taken``: units of its days by office.
    """

    reference: str
    frozen: Frozen
    seed: bytes
    bin_of_request: NDArray[np.int32]
    drawn_by: QuotaTable
    slots: Sequence[DaySlot]
    asked: Asked
    urgent_taken: Mapping[str, int]


@uncollected()
def read_past(session: Session, core: Core, reference: str) -> Past:
    """Read a published draw.

    Raises
    ------
    booking.scheduling.draws.formats.DamagedFileError
        Its files are damaged, their statement or their plan is not the one in the log, or the seed is not the one that
        it commits to.
    booking.transparency.beacons.errors.BeaconError
        The value that decided it is not that of the round which the statement names.
    """
    draw = found(session, reference)
    require_format(session, draw)
    contents = {name: file.content for name, file in stored_files(session, draw).items()}
    policy = session.scalars(select(QuotaPolicy).where(QuotaPolicy.version == draw.policy_version)).one()
    with ThreadPoolExecutor(1) as beside:  # the database joins while files are read
        asked = beside.submit(_asked, core, draw.id)
        frozen = frozen_of(draw, contents)
        if hidden(frozen.facts):  # format 1 had no log
            settled(core, draw, frozen.facts)
            require_plan(core, draw, contents)
        seed = committed(draw, draw.seed, frozen.commitment)
        drawn = read_plan(contents, salted=hidden(frozen.facts)).bin.astype(np.int32)
    return Past(
        reference=reference,
        frozen=frozen,
        seed=seed,
        bin_of_request=drawn,
        drawn_by=QuotaTable.read(policy.shares, policy.overrides),
        slots=day_slots(session, draw.horizon_first, draw.horizon_last, core.pack.country.units_per_slot),
        asked=_by_leaf(frozen.asked.requests, *asked.result()),
        urgent_taken=_urgent_taken(session, draw),
    )


def day_slots(session: Session, first: date, last: date, units_per_counter: int) -> list[DaySlot]:
    """Return all slots of some days, by office and time."""
    rows = session.execute(
        select(
            Slot.id,
            Office.code,
            Office.region_code,
            Office.kind,
            Office.accessible,
            Slot.local_day,
            Slot.band,
            Slot.starts_at,
            Slot.ends_at,
            Slot.counters,
        )
        .join(Office, Office.id == Slot.office_id)
        .where(Slot.local_day.between(first, last), Office.active)
        .order_by(Office.code, Slot.starts_at)
    )
    return [
        DaySlot(
            id=row.id,
            office=OfficeRef(row.code, row.region_code, row.kind.value),
            accessible=row.accessible,
            day=row.local_day,
            band=row.band,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            units=row.counters * units_per_counter,
        )
        for row in rows
    ]


def _asked(core: Core, draw_id: UUID) -> Sequence[NDArray[np.int64]]:
    """Read some leaves, when each request was made, and when the first of its people was born."""
    day = func.date(func.timezone(core.pack.country.time_zone, Request.created_at))
    columns = (
        select(
            func.array_agg(DrawEntry.leaf_index),
            func.array_agg(day - EPOCH),
            func.array_agg(Person.birth_date - EPOCH),
        )
        .join(Request, Request.id == DrawEntry.request_id)
        .join(RequestMember, (RequestMember.request_id == Request.id) & (RequestMember.position == 0))
        .join(Person, Person.id == RequestMember.person_id)
        .where(DrawEntry.draw_id == draw_id)
    )
    with core.sessions() as session:
        patient(session)
        return [np.array(column or [], np.int64) for column in session.execute(columns).one()]


def _by_leaf(requests: int, leaves: NDArray[np.int64], asked: NDArray[np.int64], born: NDArray[np.int64]) -> Asked:
    asked_on, born_on = np.full(requests, NOT_KNOWN), np.full(requests, NOT_KNOWN)
    asked_on[leaves], born_on[leaves] = asked, born
    return Asked(asked_on, born_on)


def _urgent_taken(session: Session, draw: Draw) -> dict[str, int]:
    rows = session.execute(
        select(Office.code, func.sum(SlotPool.taken))
        .join(Slot, Slot.id == SlotPool.slot_id)
        .join(Office, Office.id == Slot.office_id)
        .where(SlotPool.pool == Pool.URGENT, Slot.local_day.between(draw.horizon_first, draw.horizon_last))
        .group_by(Office.code)
    )
    return {code: int(taken) for code, taken in rows}
