import pytest

from booking.queries.views import request_view
from booking.states import AppointmentState, RequestState, UrgentState
from booking.urgent.approving import approve
from booking.urgent.claiming import claim
from booking.urgent.errors import NotClaimedError
from booking.urgent.reversing import undo
from tests.urgent_cases import APPROVE, stored


def test_an_approved_case_has_an_appointment_and_leaves_the_draw(core, a_case, officer):
    case = a_case()
    claim(core, officer_id=officer, reference=case.reference)

    approved = approve(core, officer_id=officer, reference=case.reference, **APPROVE)

    view = request_view(core, case.account, case.request)
    assert view.state is RequestState.DRAWN
    assert view.appointment.reference == approved.appointment
    assert view.appointment.state is AppointmentState.CONFIRMED
    assert stored(core, case.reference).state is UrgentState.APPROVED
    assert stored(core, case.reference).level == "urgent"


def test_nobody_decides_a_case_that_is_not_in_their_hands(core, a_case, officer):
    case = a_case()
    with pytest.raises(NotClaimedError):
        approve(core, officer_id=officer, reference=case.reference, **APPROVE)


def test_an_approval_is_undone_within_a_minute(core, a_case, officer):
    case = a_case()
    claim(core, officer_id=officer, reference=case.reference)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)

    undo(core, officer_id=officer, reference=case.reference, note="wrong case")

    assert request_view(core, case.account, case.request).state is RequestState.ACCEPTED
    assert stored(core, case.reference).state is UrgentState.ASSIGNED
