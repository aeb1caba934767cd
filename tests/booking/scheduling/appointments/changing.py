"""Somebody with an appointment that was booked at once, and what is stored of it, for tests of changing its time."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select, text

from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.country.places.rows import take
from booking.country.places.views import OpenSlot
from booking.platform.base.references import new_reference
from booking.platform.models import (
    Appointment,
    AppointmentPlaces,
    Message,
    Outcome,
    Request,
    RequestMember,
    SlotPool,
    Verdict,
)
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.appointments.change_time import Changed, change_time
from booking.scheduling.appointments.reserve import confirm_hold, hold
from tests.support.country import a_member, a_wish, an_account, an_origin

_WATCHED = (
    (Appointment.reference, Appointment.state, Appointment.starts_at, Appointment.ended_at),
    (AppointmentPlaces.appointment_id, AppointmentPlaces.slot_id, AppointmentPlaces.pool, AppointmentPlaces.places),
    (Request.reference, Request.state, Request.reschedules),
    (RequestMember.request_id, RequestMember.person_id, RequestMember.live),
    (Outcome.appointment_id, Outcome.kind),
    (Verdict.request_id, Verdict.decision),
    (Message.account_id, Message.kind),
)
_TAKEN = select(SlotPool.slot_id, SlotPool.pool, SlotPool.places, SlotPool.taken).where(SlotPool.taken > 0)
_ALL_PLACES = text("SELECT count(*), bit_xor(hash_record_extended(pools, 0)) FROM slot_pool AS pools")


@dataclass
class Holder:
    """An account with people who have a confirmed appointment together."""

    core: Core
    account: UUID
    people: tuple[int, ...]
    reference: str

    def change(self, slot_id: int, *, key: str | None = None, origin: Origin | None = None) -> Changed:
        """Change to another slot; the appointment that is there instead is the holder's from now on."""
        changed = change_time(
            self.core,
            account_id=self.account,
            reference=self.reference,
            slot_id=slot_id,
            origin=origin or an_origin(),
            idempotency_key=key,
        )
        self.reference = changed.reference
        return changed

    def appointment(self, reference: str | None = None) -> Appointment:
        """Read the appointment, with its request and its places."""
        with self.core.sessions() as session:
            wanted = Appointment.reference == (reference or self.reference)
            found = session.scalars(select(Appointment).where(wanted)).one()
            _ = found.request.state, found.places, found.outcome
            return found


def a_holder(core: Core, slot_id: int, *, people: int = 1, **wish: object) -> Holder:
    """Book a slot at once for some people of a new account."""
    account = an_account(core)
    members = tuple(a_member(core, account) for _ in range(people))
    held = hold(core, account_id=account, slot_id=slot_id, wish=a_wish(members, **wish), origin=an_origin())
    confirm_hold(core, account_id=account, reference=held.reference)
    return Holder(core, account, members, held.reference)


def placed(core: Core, request: str, slot: OpenSlot) -> str:
    """Give a request that waits a confirmed appointment in a slot, as a draw does; the appointment's reference."""
    now = core.clock.now()
    with core.sessions.begin() as session:
        row = session.scalars(select(Request).where(Request.reference == request)).one()
        row.state = RequestState.DRAWN
        take(session, slot.slot_id, Pool.INSTANT, row.units)
        appointment = Appointment(
            reference=new_reference(),
            request=row,
            office_id=slot.office.id,
            state=AppointmentState.CONFIRMED,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            confirm_by=now,
            created_at=now,
            places=[AppointmentPlaces(slot_id=slot.slot_id, pool=Pool.INSTANT, places=row.units)],
        )
        session.add(appointment)
        return appointment.reference


def seen_by(holder: Holder, core: Core) -> Holder:
    """Let somebody act by another core on the same database."""
    return replace(holder, core=core)


def pools(core: Core, slot_id: int) -> dict[str, tuple[int, int]]:
    """Return how many places each pool of a slot has, and how many of them are taken."""
    with core.sessions() as session:
        rows = session.execute(
            select(SlotPool.pool, SlotPool.places, SlotPool.taken).where(SlotPool.slot_id == slot_id)
        )
        return {pool: (places, taken) for pool, places, taken in rows}


def everything(core: Core) -> list[list[tuple[object, ...]]]:
    """Return all that a change could write, to compare; of the places of a whole country those taken, and a hash."""
    reads = [*(select(*columns) for columns in _WATCHED), _TAKEN, _ALL_PLACES]
    with core.sessions() as session:
        return [sorted(map(tuple, session.execute(read)), key=repr) for read in reads]
