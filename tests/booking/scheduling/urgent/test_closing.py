"""An office closes on the day of an urgent appointment: the people move or wait, and the pool's figures still agree."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from booking.country.catalogue.views import local_day
from booking.desk.counter.closing import apply, ask_to_close, plan
from booking.desk.counter.closing_views import closure_view, displaced_urgent
from booking.platform.models import Appointment, Message, SlotPool
from booking.platform.models.states import AppointmentState, Pool, UrgentState
from booking.scheduling.urgent.approve import approve, approve_second
from booking.scheduling.urgent.claim import claim
from booking.scheduling.urgent.places import free_places
from tests.support.urgent_cases import APPROVE, stored


def the_appointment(core, case):
    with core.sessions() as session:
        return session.scalars(
            select(Appointment).where(Appointment.request_id == stored(core, case.reference).request_id)
        ).one()


@pytest.mark.parametrize("beyond", [False, True])
@pytest.mark.parametrize("rooms", [True, False])
def test_urgent_appointments_move_or_end_with_the_day(core, a_case, officer, supervisor, beyond, rooms):
    case = a_case(days=12)
    claim(core, officer_id=officer, reference=case.reference)
    with core.sessions() as session:
        places = free_places(session, core, session.merge(stored(core, case.reference)), beyond_pool=2 * beyond)
    place = next(one for one in places if one.local_day >= core.today() + timedelta(days=7))
    words = {"slot_id": place.slot_id, "beyond_pool": beyond, **APPROVE}
    approve(core, officer_id=officer, reference=case.reference, **words)
    if beyond:
        approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)
    if not rooms:
        with core.sessions.begin() as session:
            session.execute(text("UPDATE slot_pool SET places = taken WHERE pool <> 'urgent'"))

    closure = ask_to_close(core, officer_id=supervisor, day=place.local_day, counters=0, reason="no electricity")
    plan(core, closure)
    view = closure_view(core, officer_id=supervisor, closure_id=closure)
    assert ([move.urgent for move in view.moves], view.urgent_displaced) == ([True], 0 if rooms else 1)
    apply(core, officer_id=supervisor, closure_id=closure)

    appointment = the_appointment(core, case)
    with core.sessions() as session:
        pool = session.get_one(SlotPool, (place.slot_id, Pool.URGENT))
        assert (pool.taken, pool.overbooked) == (0, 0)
    if rooms:
        assert appointment.state is AppointmentState.CONFIRMED
        assert appointment.starts_at != place.starts_at
        assert local_day(appointment.office, appointment.starts_at) <= stored(core, case.reference).needed_by
        assert stored(core, case.reference).state is UrgentState.APPROVED
    else:
        assert appointment.state is AppointmentState.CANCELLED
        assert stored(core, case.reference).state is UrgentState.WITHDRAWN
        with core.sessions() as session:
            told = session.scalars(select(Message.kind).where(Message.account_id == case.account)).all()
        assert "displaced_urgent" in told
    lost = [] if rooms else [case.reference]
    assert displaced_urgent(core, officer_id=officer) == lost
    core.clock.advance(timedelta(days=8))
    assert displaced_urgent(core, officer_id=officer) == []
