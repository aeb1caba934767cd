import copy
import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.desk.plans.views import what_lacks
from booking.people.prerequisites.standing import Lack, PrerequisiteMissingError
from booking.platform.models import Appointment, DrawLeftOut, Message, Request, Service, Slot, SlotPool
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.appointments.change_time import change_time
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import confirm
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.verification import verify_files
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.views import appointment_view
from tests.support.country import a_member, a_wish, an_account, an_origin

PERMISSION = "travel-permission"


def asks(man, **changes):
    return ask(man.core, account_id=man.account, wish=a_wish((man.member,), **changes), origin=an_origin())


def the_request(core, reference):
    with core.sessions() as session:
        return session.scalars(select(Request).where(Request.reference == reference)).one()


def must_hold_when_asking(core):
    """Let the renewal's prerequisite hold when asking, not only on the day."""
    with core.sessions.begin() as session:
        spec = copy.deepcopy(session.scalars(select(Service.spec).where(Service.code == "passport-renewal")).one())
        spec["prerequisites"][0]["valid"] = "when-asking"
        session.execute(update(Service).where(Service.code == "passport-renewal").values(spec=spec))


def test_a_missing_prerequisite_is_named_and_nothing_is_stored(core, man):
    must_hold_when_asking(core)

    with pytest.raises(PrerequisiteMissingError) as caught:
        asks(man)

    assert (caught.value.goal, caught.value.lacks) == ("passport-renewal", (Lack(0, PERMISSION),))
    with core.sessions() as session:
        assert session.scalars(select(Request)).all() == []

    man.gets(PERMISSION, issued=core.today(), until=core.today())
    assert asks(man).state is RequestState.ACCEPTED


def test_a_person_missing_from_the_register_needs_no_prerequisite(core):
    account = an_account(core)
    member = a_member(core, account)

    asked = ask(core, account_id=account, wish=a_wish((member,)), origin=an_origin())

    assert not the_request(core, asked.reference).must_hold


def test_a_person_without_it_is_left_out_of_the_draw_and_keeps_priority(core, man, a_draw):
    other = an_account(core)
    beside = ask(core, account_id=other, wish=a_wish((a_member(core, other),)), origin=an_origin()).reference
    mine = asks(man).reference
    _, run = a_draw()

    run()

    request = the_request(core, mine)
    assert (request.state, request.lost_draws) == (RequestState.ACCEPTED, 0)
    assert the_request(core, beside).state is RequestState.DRAWN
    with core.sessions() as session:
        assert session.scalars(select(DrawLeftOut.lacks)).one() == [{"position": 0, "service": PERMISSION}]
        assert session.scalars(select(Message.account_id).where(Message.kind == "request_left_out")).all() == [
            man.account
        ]
    lack, service = what_lacks(core, account_id=man.account, reference=mine)[0]
    assert (lack.position, service.code) == (0, PERMISSION)

    man.gets(PERMISSION, issued=core.today(), until=core.today() + timedelta(days=180))
    assert what_lacks(core, account_id=man.account, reference=mine) == []
    _, again = a_draw("d2")
    again()
    assert the_request(core, mine).state is RequestState.DRAWN


def test_a_paper_valid_on_some_days_gives_a_place_on_one_of_them(core, man, a_draw):
    first, run = a_draw()
    man.gets(PERMISSION, issued=first + timedelta(days=3), until=first + timedelta(days=4))
    mine = asks(man).reference

    run()

    with core.sessions() as session:
        starts_at = session.scalars(select(Appointment.starts_at).join(Request).where(Request.reference == mine)).one()
    assert first + timedelta(days=3) <= starts_at.date() <= first + timedelta(days=4)
    files = {name: file.content for name, file in draws.files(core, "d1").items()}
    report = verify_files(files)
    assert report.ok, report.words()


def test_an_offer_is_confirmed_only_while_the_paper_holds_on_its_day(core, man, papers, a_draw):
    first, run = a_draw()
    man.gets(PERMISSION, issued=core.today(), until=first + timedelta(days=20))
    mine = asks(man).reference
    run()
    with core.sessions() as session:
        offer = session.scalars(select(Appointment.reference).join(Request).where(Request.reference == mine)).one()
    papers.issued.clear()  # it was revoked

    with pytest.raises(PrerequisiteMissingError):
        confirm(core, account_id=man.account, reference=offer)

    with core.sessions() as session:
        assert session.scalars(select(Appointment.state)).one() is AppointmentState.OFFERED
    man.gets(PERMISSION, issued=core.today(), until=None)
    confirm(core, account_id=man.account, reference=offer)


def test_an_instant_place_needs_the_paper_on_its_own_day(core, man):
    spare = (SlotPool.pool == Pool.INSTANT, SlotPool.places > 0, Slot.starts_at > core.clock.now() + timedelta(days=2))
    spare_slots = select(Slot).join(SlotPool).where(*spare).order_by(Slot.starts_at).limit(1)
    with core.sessions() as session:
        slot = session.scalars(spare_slots).one()
        same_office = Slot.office_id == slot.office_id
        later = session.scalars(spare_slots.where(same_office, Slot.local_day > slot.local_day)).one().id
    wish = dataclasses.replace(a_wish((man.member,)), offices=())

    def book():
        return hold(core, account_id=man.account, slot_id=slot.id, wish=wish, origin=an_origin())

    with pytest.raises(PrerequisiteMissingError):
        book()
    man.gets(PERMISSION, issued=core.today(), until=slot.local_day - timedelta(days=1))
    with pytest.raises(PrerequisiteMissingError):
        book()
    man.gets(PERMISSION, issued=core.today(), until=slot.local_day)
    held = book()
    confirm_hold(core, account_id=man.account, reference=held.reference)
    given = {"account_id": man.account, "reference": held.reference, "slot_id": later, "origin": an_origin()}
    with pytest.raises(PrerequisiteMissingError):
        change_time(core, **given)
    assert appointment_view(core, man.account, held.reference).state is AppointmentState.CONFIRMED
    man.gets(PERMISSION, issued=core.today(), until=None)
    change_time(core, **given)
