"""Households that book, cancel, move and ask, and what the gate counted when they did."""

from datetime import timedelta

from sqlalchemy import select

from booking.country.places.rows import give_back
from booking.platform.models import Appointment, Request, Verdict
from booking.platform.models.states import AppointmentState, RequestState
from booking.scheduling.appointments.change_time import change_time
from booking.scheduling.appointments.expire import into_next_draw
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import cancel, move
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.rows import locked_appointment
from tests.support.country import a_member, a_wish, an_account, an_origin
from tests.support.free_slots import free_slots

MINUTE = timedelta(minutes=1)


class Household:
    """An account with people, each of whom is asked for alone, as a parent does who does it one by one."""

    def __init__(self, core, people, phone=None):
        self.core, self.account = core, an_account(core, phone=phone)
        self.people = [a_member(core, self.account) for _ in range(people)]
        self.slots = [slot.slot_id for slot in free_slots(core)]

    def booked(self, member):
        """Book a place at once for one of them; the appointment's reference."""
        wish = a_wish((member,))
        held = hold(self.core, account_id=self.account, slot_id=self.slots.pop(), wish=wish, origin=an_origin())
        confirm_hold(self.core, account_id=self.account, reference=held.reference)
        return held.reference

    def cancels(self, reference):
        cancel(self.core, account_id=self.account, reference=reference)
        self.core.clock.advance(MINUTE)

    def moves(self, reference):
        """Move an appointment to a later draw; the reference of the request that waits instead."""
        waits = move(self.core, account_id=self.account, reference=reference)
        self.core.clock.advance(MINUTE)
        return waits

    def changes(self, reference):
        """Change an appointment to a free time; the reference of the one that is there instead."""
        which = {"account_id": self.account, "reference": reference, "slot_id": self.slots.pop()}
        changed = change_time(self.core, **which, origin=an_origin())
        self.core.clock.advance(MINUTE)
        return changed.reference

    def asks_alone(self):
        return self.asks(self.people[0])

    def asks(self, member):
        """Ask for one of them: the facts by which it was judged, and the rules that fired."""
        asked = ask(self.core, account_id=self.account, wish=a_wish((member,)), origin=an_origin())
        self.core.clock.advance(MINUTE)
        return judged(self.core, asked.reference)


def judged(core, reference):
    with core.sessions() as session:
        request = select(Request.id).where(Request.reference == reference).scalar_subquery()
        verdict = session.scalars(select(Verdict).where(Verdict.request_id == request)).one()
        return verdict.inputs["facts"], [one["code"] for one in verdict.reasons if one["code"].startswith("rule.")]


def closes_over(core, reference):
    """End an appointment as an office does that has to close: its people are in the next draw."""
    with core.sessions.begin() as session:
        appointment = locked_appointment(session, reference)
        give_back(session, appointment)
        into_next_draw(session, core, appointment)
    core.clock.advance(MINUTE)


def gives_up(core, offer):
    """Cancel an offer that has no places: what is kept of it is what `cancel` keeps."""
    with core.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == offer)).one()
        appointment.end(AppointmentState.CANCELLED, core.clock.now())
        appointment.request.move_to(RequestState.WITHDRAWN)
    core.clock.advance(MINUTE)
