"""Places of the urgent pool: what is free, which is best, and taking one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.places.rows import take
from booking.platform.base.errors import SlotFullError
from booking.platform.base.great_circle import great_circle_km
from booking.platform.models import Office, RequestOffice, Slot, SlotPool, UrgentRequest
from booking.platform.models.states import Pool
from booking.scheduling.urgent.errors import UrgentPoolEmptyError

NEARBY: Final = 5
MOST_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class UrgentPlace:
    """Touching slots of one office-day with room for the whole party: slot ids, and units in each of them."""

    office: Office
    local_day: date
    starts_at: datetime
    ends_at: datetime
    slots: tuple[tuple[int, int], ...]

    @property
    def slot_id(self) -> int:
        """The first slot: what an approval names."""
        return self.slots[0][0]

    def is_same_day(self, at: datetime) -> bool:
        """Return whether it is on the very day of an instant, at the office."""
        return self.local_day <= at.astimezone(ZoneInfo(self.office.time_zone)).date()


def free_places(
    session: Session, core: Core, case: UrgentRequest, *, beyond_pool: int = 0, slot_id: int | None = None
) -> list[UrgentPlace]:
    """Return the free places until the needed-by day: at the request's offices in their order, then nearby; by time.

    Parameters
    ----------
    beyond_pool
        Give only slots to which so many units in all may be added; their free units do not count then.
    slot_id
        Give only the place that begins here.
    """
    offices = _offices(session, case)
    order = {office.id: place for place, office in enumerate(offices)}
    room = (beyond_pool - SlotPool.overbooked if beyond_pool else SlotPool.places - SlotPool.taken).label("room")
    statement = (
        select(Slot, room)
        .join(SlotPool, (SlotPool.slot_id == Slot.id) & (SlotPool.pool == Pool.URGENT))
        .where(
            Slot.office_id.in_(order),
            Slot.starts_at > core.clock.now(),
            Slot.local_day <= case.needed_by,
            room > 0,
        )
        .order_by(Slot.starts_at, Slot.id)
        .limit(MOST_ROWS)
    )
    if slot_id is not None:
        here = select(Slot.office_id, Slot.local_day).where(Slot.id == slot_id).subquery()
        statement = statement.join(here, (here.c.office_id == Slot.office_id) & (here.c.local_day == Slot.local_day))
    rows = sorted(session.execute(statement), key=lambda row: (row[0].office_id, row[0].starts_at))
    found = [
        UrgentPlace(offices[order[run[0][0].office_id]], run[0][0].local_day, run[0][0].starts_at, ends, units)
        for run, ends, units in _runs(rows, case.request.units)
        if slot_id is None or run[0][0].id == slot_id
    ]
    return sorted(found, key=lambda place: (order[place.office.id], place.starts_at))


def best_place(session: Session, core: Core, case: UrgentRequest) -> UrgentPlace:
    """Return the earliest place at the request's own offices, the better ranked one of the same day first.

    A place today, which needs a second person, is taken only where there is no later one in time.

    Raises
    ------
    UrgentPoolEmptyError
        None of them has one until the needed-by day.
    """
    ranked = {choice.office_id: choice.rank for choice in case.request.offices}
    own = [place for place in free_places(session, core, case) if place.office.id in ranked]
    if not own:
        raise UrgentPoolEmptyError
    now = core.clock.now()
    return min(
        own,
        key=lambda place: (place.is_same_day(now), place.local_day, ranked[place.office.id], place.starts_at),
    )


def place_at(session: Session, core: Core, case: UrgentRequest, slot_id: int, *, beyond_pool: int = 0) -> UrgentPlace:
    """Return the place that begins in a slot; raises UrgentPoolEmptyError."""
    found = free_places(session, core, case, beyond_pool=beyond_pool, slot_id=slot_id)
    if not found:
        raise UrgentPoolEmptyError
    return found[0]


def take_place(session: Session, place: UrgentPlace, *, beyond_pool: int = 0) -> None:
    """Take a place by conditional statements, slots in the order of their keys; raises UrgentPoolEmptyError."""
    for slot_id, units in sorted(place.slots):
        if not beyond_pool:
            try:
                take(session, slot_id, Pool.URGENT, units)
            except SlotFullError:
                raise UrgentPoolEmptyError from None
            continue
        added = session.execute(
            update(SlotPool)
            .where(
                SlotPool.slot_id == slot_id,
                SlotPool.pool == Pool.URGENT,
                SlotPool.overbooked + units <= beyond_pool,
            )
            .values(
                places=SlotPool.places + units,
                taken=SlotPool.taken + units,
                overbooked=SlotPool.overbooked + units,
            )
            .returning(SlotPool.slot_id)
        ).one_or_none()
        if added is None:
            raise UrgentPoolEmptyError


def _offices(session: Session, case: UrgentRequest) -> list[Office]:
    """Return the request's offices in their order, then the nearest others of the same door."""
    ranked = session.scalars(
        select(Office)
        .join(RequestOffice, RequestOffice.office_id == Office.id)
        .where(RequestOffice.request_id == case.request_id, Office.active)
        .order_by(RequestOffice.rank)
    ).all()
    first = case.office
    others = session.scalars(
        select(Office).where(
            Office.active, Office.kind == first.kind, Office.id.not_in([office.id for office in ranked])
        )
    )
    if case.request.accessible:
        others_open = [office for office in others if office.accessible]
        ranked = [office for office in ranked if office.accessible]
    else:
        others_open = list(others)
    nearest = sorted(
        others_open,
        key=lambda office: great_circle_km(first.latitude, first.longitude, office.latitude, office.longitude),
    )
    return [*ranked, *nearest[:NEARBY]]


def _runs(rows: Sequence[Any], units: int) -> Iterator[tuple[list[Any], datetime, tuple[tuple[int, int], ...]]]:
    """From each slot on, take touching slots of the day until the party fits; return those where it does."""
    for _, day in groupby(rows, key=lambda row: (row[0].office_id, row[0].local_day)):
        slots = list(day)
        for start in range(len(slots)):
            run: list[Any] = []
            needed, claims = units, []
            for slot, room in slots[start:]:
                if run and run[-1][0].ends_at != slot.starts_at:
                    break
                run.append((slot, room))
                claims.append((slot.id, min(room, needed)))
                needed -= min(room, needed)
                if not needed:
                    yield run, slot.ends_at, tuple(claims)
                    break
