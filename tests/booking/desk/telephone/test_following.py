"""A caller who showed who they are hears where things stand, keeps an offer and gives it up."""

from datetime import timedelta

from sqlalchemy import select

from booking.platform.base.references import shown
from booking.platform.models import Appointment, HouseholdMember, Message
from booking.platform.models.states import AppointmentState
from booking.scheduling.draws import draw as draws
from booking.scheduling.requests.ask import ask
from tests.booking.desk.telephone.callers import Caller, an_owner, phone_of
from tests.support.country import a_wish, an_origin
from tests.support.open_draws import open_a_draw


def a_request_of(core, account):
    with core.sessions() as session:
        people = session.scalars(select(HouseholdMember.id).where(HouseholdMember.account_id == account)).all()
    return ask(core, account_id=account, wish=a_wish(tuple(people)), origin=an_origin()).reference


def move_deadline(core, to):
    with core.sessions.begin() as session:
        session.scalars(select(Appointment)).one().confirm_by = to


def appointment_of(core):
    with core.sessions() as session:
        return session.scalars(select(Appointment)).one()


def test_an_offer_is_heard_of_kept_and_given_up_by_ussd(country, clock):
    open_a_draw(country, "d1")
    account, number = an_owner(country, language="en")
    reference = a_request_of(country, account)
    caller = Caller(country, phone_of(country, account))
    assert caller.prove(account, number, language="en").text.startswith("What would you like?\n1 My requests")
    assert caller.choose("My requests").text.startswith("Your request is accepted and takes part in the next draw")

    clock.advance(timedelta(days=1))
    for step in (draws.close, draws.run, draws.publish):
        step(country, "d1")
    offered = appointment_of(country)
    caller = Caller(country, phone_of(country, account))
    caller.prove(account, number, language="en")
    assert "waits for you to confirm it by" in caller.choose("My requests").text
    move_deadline(country, clock.now() - timedelta(minutes=1))
    assert caller.choose("Confirm").text.startswith("It is too late for that.")
    assert appointment_of(country).state is AppointmentState.OFFERED
    move_deadline(country, offered.confirm_by)
    caller.choose("Something else", "My requests")
    assert caller.choose("Confirm").text.startswith("Your appointment is confirmed")
    assert appointment_of(country).state is AppointmentState.CONFIRMED

    caller.choose("Something else", "My requests")
    assert caller.choose("Give it up").text.startswith(f"Give up {shown(offered.reference)}?")
    assert appointment_of(country).state is AppointmentState.CONFIRMED
    assert "cancelled" in caller.choose("Yes, give it up").text
    assert appointment_of(country).state is AppointmentState.CANCELLED
    with country.sessions() as session:
        kinds = session.scalars(select(Message.kind).where(Message.account_id == account)).all()
    assert {"appointment_confirmed", "appointment_cancelled"} <= set(kinds), "it is sent in writing too"
    assert caller.choose("Something else", "My requests").text.startswith("You have no request")
    assert reference not in caller.screen.text
