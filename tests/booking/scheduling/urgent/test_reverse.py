"""Undoing a decision within a minute, and revoking an approval later."""

from datetime import timedelta

import pytest

from booking.platform.base.errors import ForbiddenError, IllegalMoveError
from booking.platform.models.states import RequestState, UrgentState
from booking.scheduling.requests.views import request_view
from booking.scheduling.urgent.approve import approve, approve_second
from booking.scheduling.urgent.decide import ask_for_evidence, deny
from booking.scheduling.urgent.errors import TooLateToUndoError
from booking.scheduling.urgent.reverse import revoke, undo
from booking.scheduling.urgent.views import last_decision, own_case_view
from tests.booking.scheduling.urgent.held_cases import REVOKE, added_slot, held, notices, taken
from tests.support.urgent_cases import APPROVE, ASK, DENY, stored

pytestmark = pytest.mark.neighbours


def test_an_approval_is_undone_within_a_minute_and_no_message_ever_left(core, a_case, officer):
    case, before = held(core, a_case(), officer), taken(core)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    assert taken(core) == before + 1
    assert last_decision(core, officer).case.reference == case.reference

    undo(core, officer_id=officer, reference=case.reference, note="wrong case")

    assert request_view(core, case.account, case.request).state is RequestState.ACCEPTED
    assert stored(core, case.reference).state is UrgentState.ASSIGNED
    assert taken(core) == before
    core.clock.advance(timedelta(minutes=2))
    assert notices(core, case) == ["urgent_submitted"]
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    core.clock.advance(timedelta(seconds=61))
    with pytest.raises(TooLateToUndoError):
        undo(core, officer_id=officer, reference=case.reference, note="too late")


@pytest.mark.parametrize(("act", "words"), [(deny, DENY), (ask_for_evidence, ASK)])
def test_other_decisions_are_undone_too(core, a_case, officer, act, words):
    case = held(core, a_case(), officer)
    act(core, officer_id=officer, reference=case.reference, **words)
    undo(core, officer_id=officer, reference=case.reference, note="wrong case")
    assert stored(core, case.reference).assigned_to == officer
    core.clock.advance(timedelta(minutes=2))
    assert notices(core, case) == ["urgent_submitted"]


def test_a_supervisor_revokes_and_the_request_is_in_the_draw_again(core, a_case, officer, supervisor):
    case, before = held(core, a_case(), officer), taken(core)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    core.clock.advance(timedelta(hours=1))
    with pytest.raises(ForbiddenError):
        revoke(core, officer_id=officer, reference=case.reference, **REVOKE)
    revoke(core, officer_id=supervisor, reference=case.reference, **REVOKE)
    assert request_view(core, case.account, case.request).state is RequestState.ACCEPTED
    assert taken(core) == before
    assert own_case_view(core, account_id=case.account, request_reference=case.request).note == REVOKE["note"]
    assert notices(core, case)[-1] == "urgent_revoked"
    with pytest.raises(IllegalMoveError):
        revoke(core, officer_id=supervisor, reference=case.reference, **REVOKE)


def test_a_second_approval_that_is_undone_leaves_the_first_one(core, a_case, officer, supervisor):
    case, before = held(core, a_case(), officer), taken(core)
    slot = added_slot(core, case)
    approve(core, officer_id=officer, reference=case.reference, slot_id=slot, beyond_pool=True, **APPROVE)
    core.clock.advance(timedelta(seconds=5))
    approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)
    core.clock.advance(timedelta(seconds=5))
    undo(core, officer_id=supervisor, reference=case.reference, note="wrong case")
    assert stored(core, case.reference).state is UrgentState.NEEDS_SECOND
    assert taken(core) == before
    core.clock.advance(timedelta(seconds=5))
    approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)
    assert stored(core, case.reference).state is UrgentState.APPROVED
