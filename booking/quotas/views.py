"""What analysts read about quotas: drafts and versions with who wrote them, and how large an office's days are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.gate.version_rows import list_versions, steps_of
from booking.gate.views import VersionLine, Versions
from booking.models import Account, Office, QuotaDraft, QuotaPolicy, Slot, VersionStep
from booking.models.policies.quota import QuotaDraftState
from booking.models.requests.states import Pool
from booking.packs.shares import largest_remainder
from booking.policy.quota_table import OfficeRef, Quota, QuotaTable
from booking.quotas.versions import KIND, before

AHEAD: Final = timedelta(days=14)
"""How far days are looked at to show what a row means."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with the user names of who began it and who changed it last."""

    row: QuotaDraft
    author: str
    saved_by: str

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


def list_drafts(core: Core) -> list[DraftView]:
    """List the open drafts, the one that was changed last first."""
    with core.sessions() as session:
        return [
            DraftView(*found)
            for found in session.execute(
                _drafts().where(QuotaDraft.state == QuotaDraftState.OPEN).order_by(QuotaDraft.changed_at.desc())
            )
        ]


def read_draft(core: Core, draft_id: UUID) -> DraftView:
    """Return a draft; raises NotFoundError."""
    with core.sessions() as session:
        found = session.execute(_drafts().where(QuotaDraft.id == draft_id)).one_or_none()
    if found is None:
        raise NotFoundError
    return DraftView(*found)


def read_versions(core: Core) -> Versions:
    """List the versions, the latest first."""
    with core.sessions() as session:
        lines = [VersionLine(*found) for found in list_versions(session, QuotaPolicy)]
        back_to = before(session)
        return Versions(lines, None if back_to is None else back_to.version)


def read_steps(core: Core, version: int) -> list[tuple[VersionStep, str]]:
    """Return the steps of a version, each with the user name of who made it."""
    with core.sessions() as session:
        return steps_of(session, KIND, version)


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


def _drafts() -> Any:
    author, saved_by = aliased(Account), aliased(Account)
    return (
        select(QuotaDraft, author.username, saved_by.username)
        .join(author, author.id == QuotaDraft.created_by)
        .join(saved_by, saved_by.id == QuotaDraft.changed_by)
    )
