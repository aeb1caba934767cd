"""Office-days that are closed, for tests: staff, appointments in their slots, and what became of them."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select

from booking.country.places.rows import take
from booking.desk.counter.closing import apply, ask_to_close, plan
from booking.platform.base.references import new_reference
from booking.platform.models import (
    Account,
    Appointment,
    AppointmentPlaces,
    Message,
    Request,
    Slot,
    SlotPool,
)
from booking.platform.models.states import AppointmentState, Door, Pool, RequestState, Role
from tests.booking.scheduling.draws.world import FIRST_DAY, NOW

DAY = timedelta(days=1)


def staff(world, office, role=Role.SUPERVISOR):
    with world.core.sessions.begin() as session:
        account = Account(
            id=uuid4(),
            username=uuid4().hex,
            password_hash="x",
            phone_ciphertext=b"x",
            phone_hash=b"x",
            language="en",
            door=Door.HOME,
            roles=[role.value],
            office_id=world.offices[office],
            created_at=NOW,
        )
        session.add(account)
        return account.id


def an_appointment(world, seats, *offices, state=AppointmentState.CONFIRMED, pool=Pool.DRAW, **wish):
    """A request with an appointment in slots, each with so many units; gives the appointment's reference."""
    units = sum(seats.values())
    asked = world.ask(*offices, party=units, state=RequestState.DRAWN, **wish)
    reference = new_reference()
    with world.core.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.reference == asked)).one()
        slots = session.scalars(select(Slot).where(Slot.id.in_(seats)).order_by(Slot.starts_at)).all()
        session.add(
            Appointment(
                reference=reference,
                request_id=request.id,
                office_id=slots[0].office_id,
                state=state,
                starts_at=slots[0].starts_at,
                ends_at=slots[-1].ends_at,
                confirm_by=world.clock.now() + DAY,
                created_at=world.clock.now(),
                places=[AppointmentPlaces(slot_id=slot, pool=pool, places=count) for slot, count in seats.items()],
            )
        )
        for slot, count in seats.items():
            take(session, slot, pool, count)
    return reference


def found(world, reference):
    with world.session() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == reference)).one()
        _ = appointment.request.state, appointment.places
        return appointment


def told(world, reference):
    """The kinds of notices that the account of an appointment got."""
    account = found(world, reference).request.account_id
    with world.session() as session:
        return session.scalars(select(Message.kind).where(Message.account_id == account)).all()


def closed(world, officer, *, counters=0, day=FIRST_DAY):
    closure = ask_to_close(world.core, officer_id=officer, day=day, counters=counters, reason="no power")
    plan(world.core, closure)
    return closure


def carry_out(world, officer, **how):
    closure = closed(world, officer, **how)
    apply(world.core, officer_id=officer, closure_id=closure)
    return closure


def check_places(world):
    """What each pool says is taken is what live appointments take, and it fits."""
    with world.session() as session:
        held = Counter()
        rows = session.execute(
            select(AppointmentPlaces).join(Appointment).where(Appointment.state.not_in(["cancelled", "lapsed"]))
        ).scalars()
        for row in rows:
            held[row.slot_id, row.pool] += row.places
        for pool in session.scalars(select(SlotPool)):
            assert pool.taken == held.pop((pool.slot_id, pool.pool), 0) <= pool.places
        assert not held


def places_of_day(world, office, day=FIRST_DAY):
    with world.session() as session:
        return session.scalar(
            select(func.coalesce(func.sum(SlotPool.places), 0))
            .join(Slot, Slot.id == SlotPool.slot_id)
            .where(Slot.office_id == world.offices[office], Slot.local_day == day)
        )
