"""Denying a case and asking for more evidence, always with a reason and a note."""

from datetime import timedelta

import pytest

from booking.platform.base.errors import InvalidInputError
from booking.platform.models.states import RequestState, UrgentState
from booking.scheduling.requests.views import request_view
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.ask import send_case
from booking.scheduling.urgent.decide import ask_for_evidence, deny
from booking.scheduling.urgent.evidence import add_evidence
from booking.scheduling.urgent.views import Show, own_case_view, queue
from tests.booking.scheduling.urgent.held_cases import held, notices, taken
from tests.support.country import an_origin
from tests.support.urgent_cases import APPROVE, ASK, DENY, a_photo, stored

pytestmark = pytest.mark.neighbours


@pytest.mark.parametrize("change", [{"note": "  "}, {"reason": "because"}, {"note": "x" * 2001}])
def test_every_decision_has_a_reason_and_a_note(core, a_case, officer, change):
    case = held(core, a_case(), officer)
    for act, words in ((approve, APPROVE), (deny, DENY), (ask_for_evidence, ASK)):
        with pytest.raises(InvalidInputError):
            act(core, officer_id=officer, reference=case.reference, **(words | change))
    assert stored(core, case.reference).state is UrgentState.ASSIGNED
    assert taken(core) == 0


def test_a_denied_request_stays_in_the_draw_and_the_person_reads_why(core, a_case, officer):
    case = held(core, a_case(), officer)
    deny(core, officer_id=officer, reference=case.reference, **DENY)
    assert request_view(core, case.account, case.request).state is RequestState.ACCEPTED
    own = own_case_view(core, account_id=case.account, request_reference=case.request)
    assert own.note == DENY["note"]
    assert notices(core, case) == ["urgent_submitted"]
    core.clock.advance(timedelta(minutes=2))
    assert notices(core, case)[-1] == "urgent_denied"


@pytest.mark.alone
def test_more_evidence_is_asked_for_and_the_case_comes_back_with_it(core, a_case, officer):
    case = held(core, a_case(), officer)
    ask_for_evidence(core, officer_id=officer, reference=case.reference, **ASK)
    core.clock.advance(timedelta(minutes=5))
    who = {"account_id": case.account, "request_reference": case.request}
    with pytest.raises(InvalidInputError):
        send_case(core, **who)  # nothing was added since
    add_evidence(core, content=a_photo(7), **who, origin=an_origin())
    send_case(core, **who)
    assert stored(core, case.reference).state is UrgentState.SUBMITTED
    assert [line.case.reference for line in queue(core, officer_id=officer, show=Show.FREE)] == [case.reference]
