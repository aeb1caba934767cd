"""Approving an urgent case: the place it gives, and when a second person has to agree."""

from datetime import timedelta
from operator import itemgetter

import pytest
from sqlalchemy import select

from booking.platform.base.errors import ForbiddenError, InvalidInputError
from booking.platform.models import Account, AuditEntry, LogEntry, SlotPool, UrgentDecision
from booking.platform.models.states import AppointmentState, Pool, RequestState, Role, UrgentState
from booking.scheduling.requests.views import request_view
from booking.scheduling.urgent.approve import approve, approve_second, disagree
from booking.scheduling.urgent.errors import DifferentPersonNeededError
from booking.scheduling.urgent.reverse import revoke
from booking.transparency.log.entries import read_entry
from booking.transparency.log.log import sequence
from tests.booking.desk.helpers.helped import a_helper, helper_id_of
from tests.booking.scheduling.urgent.held_cases import REVOKE, actions, added_slot, held, notices
from tests.support.country import a_colleague
from tests.support.urgent_cases import APPROVE, stored

pytestmark = pytest.mark.neighbours


@pytest.mark.alone
def test_an_approved_case_has_an_appointment_and_leaves_the_draw(core, a_case, officer):
    case = held(core, a_case(), officer)

    approved = approve(core, officer_id=officer, reference=case.reference, **APPROVE)

    view = request_view(core, case.account, case.request)
    assert view.state is RequestState.DRAWN
    assert view.appointment.reference == approved.appointment
    assert view.appointment.state is AppointmentState.CONFIRMED
    assert stored(core, case.reference).level == "urgent"
    assert actions(core, case) == ["urgent.claimed", "urgent.approval"]
    sequence(core)
    with core.sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "urgent.approval")).one()
        (logged,) = session.scalars(select(LogEntry.body).where(LogEntry.kind == "urgent"))
    assert (entry.sequence, entry.hash.hex()) == itemgetter("entry", "hash")(read_entry(logged))
    assert notices(core, case) == ["urgent_submitted"]
    core.clock.advance(timedelta(seconds=61))
    assert notices(core, case) == ["urgent_submitted", "urgent_approved"]


def test_a_place_beyond_the_pool_needs_a_supervisor_and_goes_with_its_case(core, a_case, officer, supervisor):
    case = held(core, a_case(), officer)
    slot = added_slot(core, case)
    with pytest.raises(InvalidInputError):
        approve(core, officer_id=officer, reference=case.reference, beyond_pool=True, **APPROVE)
    given = approve(core, officer_id=officer, reference=case.reference, slot_id=slot, beyond_pool=True, **APPROVE)
    assert given.appointment is None
    assert given.second_for == ("over_pool",)
    with pytest.raises(ForbiddenError):
        approve_second(core, officer_id=officer, reference=case.reference, **APPROVE)

    approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)

    def pool():
        with core.sessions() as session:
            row = session.get_one(SlotPool, (slot, Pool.URGENT))
            return row.places - row.overbooked, row.overbooked

    planned, over = pool()
    assert over == 1
    revoke(core, officer_id=supervisor, reference=case.reference, **REVOKE)
    assert pool() == (planned, 0)


def test_the_second_person_differs_and_may_disagree(core, a_case, supervisor):
    case = held(core, a_case(), supervisor)
    slot = added_slot(core, case)
    approve(core, officer_id=supervisor, reference=case.reference, slot_id=slot, beyond_pool=True, **APPROVE)
    with pytest.raises(DifferentPersonNeededError):
        approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)
    other = a_colleague(core, Role.SUPERVISOR, office="damascus")
    disagree(core, officer_id=other, reference=case.reference, reason="i_see_it_differently", note="it can wait")
    assert stored(core, case.reference).state is UrgentState.SUBMITTED
    assert stored(core, case.reference).over_pool is False
    with core.sessions() as session:
        of_it = select(UrgentDecision).where(UrgentDecision.urgent_request_id == stored(core, case.reference).id)
        assert [one.undone_at is not None for one in session.scalars(of_it) if one.position] == [True]


def test_several_cases_of_one_helper_need_a_second_person(core, a_case, officer):
    cases = [held(core, a_case(), officer) for _ in range(4)]
    with core.sessions.begin() as session:  # one helper asked for all of them
        helper = session.get_one(Account, cases[0].account)
        helper.registered_helper = True
        for case in cases:
            row = session.merge(stored(core, case.reference))
            row.account_id, row.request.account_id = helper.id, helper.id
    given = [approve(core, officer_id=officer, reference=case.reference, **APPROVE) for case in cases]
    assert [one.second_for for one in given] == [(), (), (), ("helper",)]


def test_several_people_of_one_helper_need_a_second_person(core, a_case, officer):
    cases = [held(core, a_case(), officer) for _ in range(4)]
    helper = helper_id_of(core, a_helper(core))
    with core.sessions.begin() as session:  # it asked with their consent: each request is in the person's own account
        for case in cases:
            session.merge(stored(core, case.reference)).request.helper_id = helper
    given = [approve(core, officer_id=officer, reference=case.reference, **APPROVE) for case in cases]
    assert [one.second_for for one in given] == [(), (), (), ("helper",)]
