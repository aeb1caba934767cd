"""What analysts read about quotas: the rows of drafts and versions, and how large an office's days are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.shares import largest_remainder
from booking.country.policy.quota_table import OfficeRef, Quota, QuotaTable
from booking.country.versions import drafts
from booking.country.versions.drafts import DraftView
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Office, QuotaDraft, QuotaPolicy, Slot
from booking.platform.models.states import Pool
from booking.scheduling.quotas.drafts import QUOTA_DRAFTS

AHEAD: Final = timedelta(days=14)
"""How far days are looked at to show what a row means."""


@dataclass(frozen=True, slots=True)
class QuotaDraftView(DraftView[QuotaDraft]):
    """A draft of quotas, and its rows."""

    @property
    def table(self) -> QuotaTable:
        """Its rows."""
        return QuotaTable.read(self.row.shares, self.row.overrides)


@dataclass(frozen=True, slots=True)
class OfficeDays:
    """An office and its coming days with the units of each."""

    office: Office
    units: Mapping[date, int]

    @property
    def ref(self) -> OfficeRef:
        """What the table must know of it."""
        return OfficeRef(self.office.code, self.office.region_code, self.office.kind.value)

    def example(self, weekday: int | None) -> tuple[date, int] | None:
        """Return the first coming day (of a weekday) on which it is open, and its units."""
        return next(
            ((day, units) for day, units in self.units.items() if weekday is None or day.weekday() == weekday), None
        )


def read_draft(core: Core, draft_id: UUID) -> QuotaDraftView:
    """Return a draft with its rows; raises NotFoundError."""
    found = drafts.read_draft(core, QUOTA_DRAFTS, draft_id)
    return QuotaDraftView(found.row, found.author, found.saved_by)


def read_table(core: Core, version: int) -> QuotaTable:
    """Return the table of a version; raises NotFoundError."""
    with core.sessions() as session:
        row = session.get(QuotaPolicy, version)
        if row is None:
            raise NotFoundError
        return QuotaTable.read(row.shares, row.overrides)


def office_days(core: Core, *, first: date | None = None, last: date | None = None) -> list[OfficeDays]:
    """Return the active offices with their days, branches first; the coming two weeks where no days are named."""
    first, last = first or core.today() + timedelta(days=1), last or core.today() + AHEAD
    with core.sessions() as session:
        units = _units_of_days(session, first, last, core.pack.country.units_per_slot)
        offices = session.scalars(select(Office).where(Office.active).order_by(Office.kind, Office.id))
        return [OfficeDays(office, units.get(office.id, {})) for office in offices]


def day_split(quota: Quota, units: int) -> dict[Pool, int]:
    """Return the whole places of each pool on a day of so many units."""
    return largest_remainder(quota.exact(units), units)


def _units_of_days(session: Session, first: date, last: date, units_per_counter: int) -> dict[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = {}
    rows = session.execute(
        select(Slot.office_id, Slot.local_day, func.sum(Slot.counters))
        .where(Slot.local_day.between(first, last))
        .group_by(Slot.office_id, Slot.local_day)
        .order_by(Slot.office_id, Slot.local_day)
    )
    for office_id, day, counters in rows:
        found.setdefault(office_id, {})[day] = int(counters) * units_per_counter
    return found
