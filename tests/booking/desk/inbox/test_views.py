"""What waits is counted for those who may work on it, where they may, and never for who proposed it."""

from booking.desk.inbox.views import Work, look_into
from booking.people.staff.propose import propose
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.states import Role
from tests.booking.antifraud.gate.people import under_review
from tests.support.country import a_colleague
from tests.support.decisions import a_question
from tests.support.online_cases import a_caseworker, with_agency
from tests.support.urgent_cases import a_quick_case_with_officers

HERE, ELSEWHERE = "damascus", "aleppo"


def test_work_is_counted_for_whoever_may_do_it_and_nobody_else(country):
    core = country
    a_quick_case_with_officers(core)
    caseworker, _ = a_caseworker(core), a_colleague(core, Role.REVIEWER)
    with_agency(core)
    under_review(core)
    a_question(core, HERE)

    def waiting(role, office=None, agency=None):
        found = look_into(core, account_id=a_colleague(core, role, office=office, agency=agency))
        return {work: count for work, count in found.waiting.items() if count}, found.all_waiting

    decided = {Work.REVIEWS: 1}
    assert waiting(Role.OFFICER, HERE) == (decided | {Work.URGENT: 1}, 2)
    assert waiting(Role.OFFICER, ELSEWHERE) == (decided, 1)
    assert waiting(Role.SUPERVISOR, HERE) == (decided | {Work.URGENT: 1, Work.QUESTIONS: 1}, 3)
    assert waiting(Role.SUPERVISOR, ELSEWHERE) == (decided, 1)
    assert waiting(Role.REVIEWER) == (decided, 1)
    assert look_into(core, account_id=caseworker).waiting == {Work.ONLINE: 1}
    assert waiting(Role.CASEWORKER, agency="tax") == ({}, 0)
    assert waiting(Role.ANALYST) == ({}, 0)
    assert waiting(Role.ADMINISTRATOR) == ({Work.QUESTIONS: 1}, 1)


def test_a_proposal_waits_for_others_than_its_author(core):
    author, other = a_colleague(core, Role.ADMINISTRATOR), a_colleague(core, Role.ADMINISTRATOR)
    clerk = a_colleague(core, Role.OFFICER)
    propose(core, by=author, account_id=clerk, kind=StaffChangeKind.SECOND_FACTOR, reason="lost the phone")

    assert [look_into(core, account_id=one).waiting[Work.STAFF] for one in (author, other)] == [0, 1]
