"""Officers at the same moment, over HTTP, against two processes: one wins, the others are told, nothing is half-way."""

from collections import Counter
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from booking.country.core import sessions
from booking.platform.models import Appointment, AuditEntry, SlotPool, UrgentRequest
from booking.platform.models.states import (
    LIVE_APPOINTMENT_STATES,
    AppointmentState,
    Door,
    Pool,
    RequestState,
    UrgentState,
)
from booking.scheduling.appointments.papers import appointment_pass
from booking.scheduling.urgent.claim import claim
from tests.races.conftest import Client, at_once
from tests.support.urgent_cases import APPROVE, a_quick_case_with_officers, stored

ROUNDS = 3


@pytest.fixture
def a_case(core):
    """Make a case in the hands of an officer."""

    def make(desk):
        case = a_quick_case_with_officers(core)
        claim(core, officer_id=desk.account_id, reference=case.reference)
        return case

    return make


def approval(desk, case, slot):
    return partial(desk.post, f"/desk/urgent/{case.reference}", action="approve", place="this", slot=slot, **APPROVE)


def urgent_places(core, slot):
    with core.sessions() as session:
        pool = session.get_one(SlotPool, (slot, Pool.URGENT))
        return pool.places, pool.taken


def appointments(core, slot):
    """The live urgent appointments of a slot, by the reference of their case."""
    with core.sessions() as session:
        return session.scalars(
            select(UrgentRequest.reference)
            .join(Appointment, Appointment.urgent_request_id == UrgentRequest.id)
            .where(Appointment.state.in_(LIVE_APPOINTMENT_STATES), Appointment.places.any(slot_id=slot))
        ).all()


def actions(core, subject):
    with core.sessions() as session:
        return Counter(session.scalars(select(AuditEntry.action).where(AuditEntry.subject == subject)).all())


def test_the_last_urgent_place_approved_six_times_goes_to_one_person(core, a_desk, a_case, a_slot):
    slot = a_slot(1, Pool.URGENT)
    desks = [a_desk() for _ in range(6)]
    cases = [a_case(desk) for desk in desks]
    answers = at_once([approval(desk, case, slot) for desk, case in zip(desks, cases, strict=True)])
    assert Counter(answer.status_code for answer in answers) == {303: 1, 409: 5}
    assert all("This urgent appointment is gone" in answer.text for answer in answers if answer.status_code == 409)
    assert urgent_places(core, slot) == (1, 1)
    [winner] = [case for case, answer in zip(cases, answers, strict=True) if answer.status_code == 303]
    assert appointments(core, slot) == [winner.reference]
    for case in cases:
        won = case is winner
        assert stored(core, case.reference).state is (UrgentState.APPROVED if won else UrgentState.ASSIGNED)
        assert actions(core, case.reference)["urgent.approval"] == won


@pytest.mark.parametrize("what", ["urgent/withdrawal", "withdrawal"])
def test_only_one_of_a_simultaneous_approval_and_withdrawal_succeeds(core, address, a_desk, a_case, a_slot, what):
    for _ in range(ROUNDS):
        slot, desk = a_slot(1, Pool.URGENT), a_desk()
        case = a_case(desk)
        token, _ = sessions.create(core, account_id=case.account, language="en", door=Door.HOME, roles=("citizen",))
        citizen = Client(address, token, case.account, (), "198.18.7.7")
        approved, withdrawn = at_once(
            [approval(desk, case, slot), partial(citizen.post, f"/requests/{case.request}/{what}")]
        )
        now, request = stored(core, case.reference), stored(core, case.reference).request
        if now.state is UrgentState.APPROVED:
            assert (approved.status_code, withdrawn.status_code) == (303, 409)
            assert withdrawn.json()["code"] in {"urgent_not_possible", "illegal_move"}
            assert (request.state, appointments(core, slot)) == (RequestState.DRAWN, [case.reference])
        else:
            assert (approved.status_code, withdrawn.status_code) == (409, 200)
            assert (now.state, now.assigned_to) == (UrgentState.WITHDRAWN, None)
            assert appointments(core, slot) == []
        assert urgent_places(core, slot) == (1, now.state is UrgentState.APPROVED)
        assert actions(core, case.reference)["urgent.approval"] == (now.state is UrgentState.APPROVED)


def test_only_one_of_six_officers_claims_a_case(core, a_desk):
    case, desks = a_quick_case_with_officers(core), [a_desk() for _ in range(6)]
    answers = at_once([partial(desk.post, f"/desk/urgent/{case.reference}", action="claim") for desk in desks] * 2)
    [holder] = {desk.account_id for desk, answer in zip(desks * 2, answers, strict=True) if answer.status_code == 303}
    assert all("This case is not with you" in one.text for one in answers if one.status_code == 409)
    assert Counter(answer.status_code for answer in answers) == {303: 2, 409: 10}
    assert stored(core, case.reference).assigned_to == holder
    assert actions(core, case.reference)["urgent.claimed"] == 1


def test_a_pass_scanned_at_many_counters_checks_in_once(core, a_client, a_slot, a_desk):
    amal = a_client()
    reference = amal.hold(a_slot(1)).json()["reference"]
    amal.post(f"/holds/{reference}/confirmation")
    with core.sessions.begin() as session:  # it is now
        session.execute(
            update(Appointment).where(Appointment.reference == reference).values(starts_at=core.clock.now())
        )
    text, now = appointment_pass(core, amal.account_id, reference).text, core.clock.now().isoformat()
    desks = [a_desk() for _ in range(4)]
    one = {"key": str(uuid4()), "text": text, "at": now, "accept_late": False}
    offline = {"sent_at": now, "entries": [one]}
    answers = at_once(
        [partial(desk.post, "/desk/today", text=text) for desk in desks * 2]
        + [partial(desk.send, "/desk/today/offline", offline) for desk in desks]
    )
    assert {answer.status_code for answer in answers} == {200}
    admitted = sum("<h2>Checked in</h2>" in answer.text for answer in answers[:8])
    admitted += sum('"admitted"' in answer.text for answer in answers[8:])
    assert admitted == 1
    assert actions(core, reference)["appointment.checked_in"] == 1
    with core.sessions() as session:
        state = session.scalar(select(Appointment.state).where(Appointment.reference == reference))
    assert state is AppointmentState.CHECKED_IN
