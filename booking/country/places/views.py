"""What can be booked at once."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.platform.models import Office, Slot, SlotPool
from booking.platform.models.states import Door, Pool

MOST_SLOTS = 500


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A slot with free instant places, 15 minutes of one counter each."""

    slot_id: int
    office: Office
    local_day: date
    band: str
    starts_at: datetime
    ends_at: datetime
    free: int


def open_slots(
    session: Session,
    *,
    door: Door,
    units: int,
    now: datetime,
    office_code: str | None = None,
    first: date | None = None,
    last: date | None = None,
    slot_id: int | None = None,
) -> list[OpenSlot]:
    """Return the coming slots with at least ``units`` free instant places, earliest first, at most 500; or of one."""
    statement = (
        select(Slot, Office, (SlotPool.places - SlotPool.taken).label("free"))
        .join(Office, Office.id == Slot.office_id)
        .join(SlotPool, (SlotPool.slot_id == Slot.id) & (SlotPool.pool == Pool.INSTANT))
        .where(Office.active, Slot.starts_at > now, SlotPool.places - SlotPool.taken >= units)
        .order_by(Slot.starts_at, Office.code)
        .limit(MOST_SLOTS)
    )
    statement = statement.where(Office.kind == ("branch" if door is Door.HOME else "consulate"))
    if office_code is not None:
        statement = statement.where(Office.code == office_code)
    if first is not None:
        statement = statement.where(Slot.local_day >= first)
    if last is not None:
        statement = statement.where(Slot.local_day <= last)
    if slot_id is not None:
        statement = statement.where(Slot.id == slot_id)
    return [
        OpenSlot(slot.id, office, slot.local_day, slot.band, slot.starts_at, slot.ends_at, free)
        for slot, office, free in session.execute(statement)
    ]


def office_of_slot(session: Session, slot_id: int) -> str | None:
    """Return the code of the office that a slot is of; None where there is no such slot."""
    return session.scalar(select(Office.code).join(Slot, Slot.office_id == Office.id).where(Slot.id == slot_id))
