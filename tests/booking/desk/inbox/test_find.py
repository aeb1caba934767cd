"""A reference leads each role to what it may open, and tells nobody else that it is there."""

from booking.desk.inbox.find import Sort, find_reference
from booking.platform.models.states import Role
from tests.booking.antifraud.gate.people import an_appointment, under_review
from tests.support.country import a_colleague
from tests.support.decisions import a_question
from tests.support.online_cases import a_caseworker, a_posted_case, with_agency
from tests.support.urgent_cases import a_quick_case_with_officers

HERE, ELSEWHERE = "damascus", "aleppo"


def test_each_role_finds_what_it_may_open_and_nothing_else(country):
    core = country
    visit, _, _ = an_appointment(core)
    caseworker, _ = a_caseworker(core), a_colleague(core, Role.REVIEWER)
    urgent, online, posted = a_quick_case_with_officers(core), with_agency(core), a_posted_case(core, HERE)
    _, review = under_review(core)
    known = {
        Sort.APPOINTMENT: visit,
        Sort.URGENT: urgent.reference,
        Sort.ONLINE: online.reference,
        Sort.POST: posted,
        Sort.REQUEST: review,
        Sort.QUESTION: a_question(core, HERE),
    }

    def found_by(account_id):
        named = {sort: find_reference(core, account_id=account_id, reference=one) for sort, one in known.items()}
        assert all(sort in found for sort, found in named.items() if found)
        return {sort for sort, found in named.items() if found}

    def found(role, office=None, agency=None):
        return found_by(a_colleague(core, role, office=office, agency=agency))

    of_clerks = {Sort.APPOINTMENT, Sort.URGENT, Sort.REQUEST, Sort.POST}
    assert found(Role.OFFICER, HERE) == of_clerks
    assert found(Role.SUPERVISOR, HERE) == of_clerks | {Sort.QUESTION}
    assert found(Role.OFFICER, ELSEWHERE) == found(Role.SUPERVISOR, ELSEWHERE) == found(Role.REVIEWER) == {Sort.REQUEST}
    assert found_by(caseworker) == {Sort.ONLINE}
    assert found(Role.CASEWORKER, agency="tax") == found(Role.ANALYST) == set()
    assert found(Role.ADMINISTRATOR) == {Sort.QUESTION}
