"""Asking for an urgent appointment: when it is possible, how often, and what ends it."""

from datetime import timedelta

import pytest

from booking.people.hands.errors import CaseNotInHandsError
from booking.platform.base.errors import IllegalMoveError, InvalidInputError
from booking.platform.models.states import RequestState, UrgentState
from booking.scheduling.appointments.expire import lapse_challenges
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.withdraw import withdraw
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.ask import ask_urgent, send_case, withdraw_case
from booking.scheduling.urgent.errors import TooManyUrgentError, UrgentExistsError, UrgentNotPossibleError
from tests.booking.scheduling.urgent.held_cases import held, taken
from tests.support.country import a_member, a_wish, an_account, an_origin, put_rules_in_force
from tests.support.edits import change_request
from tests.support.urgent_cases import APPROVE, Case, a_draft, send_with_photo, stored

pytestmark = pytest.mark.neighbours


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


def test_who_leaves_a_request_leaves_no_count_of_urgent_cases_behind(core):
    account = an_account(core)
    mother, child = (a_member(core, account) for _ in range(2))
    urgent = {"account_id": account, "reason": "medical", "needed_by": core.today() + timedelta(days=9), "words": ""}
    asked = ask(core, account_id=account, wish=a_wish((mother, child)), origin=an_origin())
    for _ in range(3):
        ask_urgent(core, request_reference=asked.reference, **urgent)
        withdraw_case(core, account_id=account, request_reference=asked.reference)
    change_request(core, account_id=account, reference=asked.reference, people=(child,))
    again = ask(core, account_id=account, wish=a_wish((mother,)), origin=an_origin())

    with pytest.raises(TooManyUrgentError):
        ask_urgent(core, request_reference=again.reference, **urgent)


@pytest.mark.alone
def test_an_urgent_case_ends_with_a_request_whose_check_nobody_did(core, a_case):
    case = a_case()
    rule = 'name = "x"\nwhen = "offices_ranked >= 2"\nthen = "challenge"\nsay.ar = "نتحقق"\nsay.en = "Checked"'
    put_rules_in_force(core, source=f"[[rule]]\n{rule}\n")
    offices = ("damascus", "homs")
    changed = change_request(core, account_id=case.account, reference=case.request, offices=offices)
    assert changed.state is RequestState.CHALLENGED
    core.clock.advance(timedelta(days=4))

    assert lapse_challenges(core) == 1

    assert stored(core, case.reference).state is UrgentState.LAPSED


def test_nobody_leaves_a_request_while_officers_have_its_urgent_case(core):
    account = an_account(core)
    sick, other = (a_member(core, account) for _ in range(2))
    asked = ask(core, account_id=account, wish=a_wish((sick, other)), origin=an_origin())
    needed_by = core.today() + timedelta(days=10)
    whose = {"account_id": account, "request_reference": asked.reference}
    case = Case(account, asked.reference, ask_urgent(core, **whose, reason="medical", needed_by=needed_by, words=""))
    send_with_photo(core, case)

    with pytest.raises(InvalidInputError):
        change_request(core, account_id=account, reference=asked.reference, people=(other,))
    change_request(core, account_id=account, reference=asked.reference, weekdays=frozenset({1}))
