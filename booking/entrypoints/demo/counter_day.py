"""People who come to the ready officer's office today, so that the counter has somebody to check in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.country.packs.schema import Pack
from booking.country.packs.shares import generate_slots
from booking.desk.counter.arrive import check_in
from booking.desk.hall.call import call_next
from booking.entrypoints.demo.accounts import OFFICE
from booking.entrypoints.demo.actor import PASSWORD, last_code, pass_check
from booking.entrypoints.demo.people import Population, family_name, first_name
from booking.entrypoints.demo.progress import add_proven
from booking.people.accounts.opening import confirm_phone, register
from booking.platform.base.clock import SettableClock
from booking.platform.base.errors import MawidError
from booking.platform.models import Office, Slot, SlotPool
from booking.platform.models.states import Door, Pool, RequestState
from booking.scheduling.appointments.attend import serve
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.requests.wish import Wish


@dataclass(frozen=True, slots=True)
class Family:
    """An account and the people it acts for, who share a family name."""

    account_id: UUID
    people: tuple[int, ...]
    origin: Origin


def open_family(
    core: Core, population: Population, rng: np.random.Generator, *, username: str, network: str, size: int
) -> Family:
    """Open an account at home with so many people, each with a passport that ends soon."""
    origin = Origin(network, username, 150.0)
    account_id = register(
        core,
        username=username,
        password=PASSWORD,
        phone=population.next_phone(Door.HOME),
        language="ar",
        door=Door.HOME,
        origin=origin,
    )
    confirm_phone(core, account_id=account_id, code=last_code(core, account_id, "confirm_phone"))
    family = family_name(rng, "ar")
    people = tuple(
        add_proven(
            core,
            account_id=account_id,
            name=f"{first_name(rng, 'ar')} {family}",
            number=population.number("14", "ending"),
            born=date(1970 + int(rng.integers(25)), 1 + int(rng.integers(12)), 1 + int(rng.integers(28))),
            relation="self" if position == 0 else "other",
        )
        for position in range(size)
    )
    return Family(account_id, people, origin)


_PARTIES: Final = (1, 1, 2, 1, 3, 1, 1, 2, 1, 1, 1, 2, 1, 1)
_BOOKED_BEFORE: Final = timedelta(days=2)
_BEFORE, _AFTER = timedelta(hours=1), timedelta(hours=3)
_HALF_HOUR: Final = timedelta(minutes=30)
_PLACES: Final = {Pool.INSTANT: 4, Pool.WALK_IN: 3}
_HERE, _SERVED = 4, 2


def opened_for_it(pack: Pack, now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when the office is open for the demonstration alone; None where it is open now anyway."""
    office = next(one for one in pack.offices if one.code == OFFICE)
    zone = ZoneInfo(office.time_zone)
    today = now.astimezone(zone).date()
    if any(slot.starts_at <= now < slot.ends_at for slot in generate_slots(pack, office, today, today)):
        return None
    starts = _starts(now, zone)
    return starts[0], starts[-1] + _HALF_HOUR


def people_today(core: Core, clock: SettableClock, population: Population, officer_id: UUID, *, seed: int) -> int:
    """Have people book for the hours around now, and the first of them come; return how many booked.

    The office is open in these hours, whatever the day: a demonstration is played on Fridays too.
    """
    now = clock.now()
    rng = np.random.default_rng([seed, 13])
    with core.sessions.begin() as session:
        slots = _open(session, core, now)
    clock.set(now - _BOOKED_BEFORE)
    booked = []
    for number, size in enumerate(_PARTIES):
        reference = _book(core, population, rng, number, size, slots[number % len(slots)])
        booked += [reference] if reference else []
    clock.set(now)
    for reference in booked[:_HERE]:
        check_in(core, officer_id=officer_id, reference=reference, accept_late=True)
    for counter in range(1, _SERVED + 2):  # the last one is still at the counter
        called = call_next(core, officer_id=officer_id, counter=counter)
        if called is not None and counter <= _SERVED:
            serve(core, officer_id=officer_id, reference=called.reference)
    return len(booked)


def _open(session: Session, core: Core, now: datetime) -> Sequence[int]:
    """Return the office slots around now with places to book and to walk in, in the order of time."""
    office = session.scalars(select(Office).where(Office.code == OFFICE)).one()
    zone = ZoneInfo(office.time_zone)
    today, starts = now.astimezone(zone).date(), _starts(now, zone)
    session.execute(
        insert(Slot)
        .values([_slot(core, office, today, start) for start in starts])
        .on_conflict_do_nothing(index_elements=["office_id", "starts_at"])
    )
    ids = session.scalars(
        select(Slot.id).where(Slot.office_id == office.id, Slot.starts_at.in_(starts)).order_by(Slot.starts_at)
    ).all()
    pools = insert(SlotPool).values(
        [
            {"slot_id": each, "pool": pool, "places": places, "taken": 0}
            for each in ids
            for pool, places in _PLACES.items()
        ]
    )
    session.execute(
        pools.on_conflict_do_update(
            index_elements=["slot_id", "pool"], set_={"places": SlotPool.places + pools.excluded.places}
        )
    )
    return ids


def _starts(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the half hours of today from an hour before now on."""
    first = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) - _BEFORE
    starts = [first + _HALF_HOUR * step for step in range((_BEFORE + _AFTER) // _HALF_HOUR)]
    return [start for start in starts if _within(now.astimezone(zone).date(), start, zone)]


def _within(day: date, start: datetime, zone: ZoneInfo) -> bool:
    return start.astimezone(zone).date() == (start + _HALF_HOUR).astimezone(zone).date() == day


def _slot(core: Core, office: Office, day: date, start: datetime) -> dict[str, object]:
    bands = core.pack.country.bands
    hour = start.astimezone(ZoneInfo(office.time_zone)).time()
    band = next((band for band in bands if hour < band.ends), bands[-1])
    return {
        "office_id": office.id,
        "local_day": day,
        "band": band.code,
        "starts_at": start,
        "ends_at": start + _HALF_HOUR,
        "counters": office.counters,
    }


def _book(
    core: Core, population: Population, rng: np.random.Generator, number: int, size: int, slot_id: int
) -> str | None:
    """Book one slot for a family, who pass the check where one is asked for; None where an officer has to look."""
    family = open_family(core, population, rng, username=f"today-{number + 1}", network=f"10.98.{number}.7", size=size)
    bands = frozenset(band.code for band in core.pack.country.bands)
    wish = Wish("passport-renewal", family.people, (OFFICE,), bands, Door.HOME)
    try:
        held = hold(core, account_id=family.account_id, slot_id=slot_id, wish=wish, origin=family.origin)
        if held.state is RequestState.CHALLENGED:
            pass_check(core, family.account_id, held.request, family.origin)
        confirm_hold(core, account_id=family.account_id, reference=held.reference)
    except MawidError:
        return None
    return held.reference
