"""Asking for an urgent appointment: when it is possible, how often, and what ends it."""

from datetime import timedelta

import pytest

from booking.appointments.respond import cancel
from booking.base.errors import IllegalMoveError, InvalidInputError
from booking.hands.errors import CaseNotInHandsError
from booking.models.states import UrgentState
from booking.requests.withdraw import withdraw
from booking.urgent.approve import approve
from booking.urgent.ask import ask_urgent, send_case, withdraw_case
from booking.urgent.errors import TooManyUrgentError, UrgentExistsError, UrgentNotPossibleError
from tests.booking.urgent.held_cases import held, taken
from tests.urgent_cases import APPROVE, a_draft, stored


def test_a_person_cannot_resend_a_case_that_an_officer_has(core, a_case, officer):
    case = held(core, a_case(), officer)
    with pytest.raises(IllegalMoveError):
        send_case(core, account_id=case.account, request_reference=case.request)


def test_a_case_ends_with_its_request_and_gives_its_place_back(core, a_case, officer):
    waiting, approved = held(core, a_case(), officer), held(core, a_case(), officer)
    withdraw(core, account_id=waiting.account, reference=waiting.request)
    assert stored(core, waiting.reference).state is UrgentState.WITHDRAWN
    with pytest.raises(CaseNotInHandsError):
        approve(core, officer_id=officer, reference=waiting.reference, **APPROVE)
    given = approve(core, officer_id=officer, reference=approved.reference, **APPROVE)
    cancel(core, account_id=approved.account, reference=given.appointment)
    assert stored(core, approved.reference).state is UrgentState.WITHDRAWN
    assert taken(core) == 0


def test_a_person_may_ask_once_at_a_time_and_three_times_in_ninety_days(core):
    case = a_draft(core)
    again = {
        "account_id": case.account,
        "request_reference": case.request,
        "reason": "medical",
        "needed_by": core.today() + timedelta(days=9),
        "words": "",
    }
    with pytest.raises(UrgentExistsError):
        ask_urgent(core, **again)
    for _ in range(2):
        withdraw_case(core, account_id=case.account, request_reference=case.request)
        ask_urgent(core, **again)
    withdraw_case(core, account_id=case.account, request_reference=case.request)
    with pytest.raises(TooManyUrgentError):
        ask_urgent(core, **again)
    core.clock.advance(timedelta(days=91))
    ask_urgent(core, **(again | {"needed_by": core.today()}))


@pytest.mark.parametrize(
    "change", [{"reason": "holiday"}, {"needed_by": None}, {"days": -1}, {"days": 91}, {"words": "x" * 1001}]
)
def test_an_impossible_case_is_refused_field_by_field(core, change):
    case = a_draft(core)
    withdraw_case(core, account_id=case.account, request_reference=case.request)
    days = change.pop("days", 9)
    fields = {"reason": "medical", "needed_by": core.today() + timedelta(days=days), "words": ""} | change
    with pytest.raises(InvalidInputError):
        ask_urgent(core, account_id=case.account, request_reference=case.request, **fields)


def test_a_request_that_is_over_cannot_be_made_urgent(core, a_case):
    case = a_case()
    withdraw(core, account_id=case.account, reference=case.request)
    with pytest.raises(UrgentNotPossibleError):
        ask_urgent(
            core,
            account_id=case.account,
            request_reference=case.request,
            reason="medical",
            needed_by=core.today(),
            words="",
        )
