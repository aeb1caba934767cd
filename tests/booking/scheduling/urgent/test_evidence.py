"""The papers of an urgent case: who may look at them, and how many it takes."""

from functools import partial

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from booking.people.hands.claim import read_page
from booking.people.hands.errors import CaseNotInHandsError
from booking.platform.base.errors import ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.models import UrgentEvidence
from booking.platform.models.states import Role
from booking.scheduling.urgent.ask import send_case
from booking.scheduling.urgent.evidence import EVIDENCE, add_evidence, evidence_store, remove_evidence
from booking.scheduling.urgent.open_case import open_case
from booking.scheduling.urgent.views import own_case_view
from tests.booking.scheduling.urgent.held_cases import actions, held
from tests.support.country import a_colleague, an_origin
from tests.support.urgent_cases import a_case_with_officers, a_draft, a_photo

pytestmark = pytest.mark.neighbours


@pytest.fixture
def a_case(core):
    """Make a case that waits for an officer in Damascus, with a page that the converter made of its photo."""
    return partial(a_case_with_officers, core)


def test_evidence_is_shown_to_the_cases_officer_and_each_view_is_logged(core, a_case, officer, supervisor):
    case = a_case()
    own = own_case_view(core, account_id=case.account, request_reference=case.request)
    look = {"reference": case.reference, "file_id": own.evidence[0].id, "page": 0}
    with pytest.raises(CaseNotInHandsError):
        read_page(core, EVIDENCE, officer_id=officer, **look)
    held(core, case, officer)
    for person in (officer, supervisor):
        assert read_page(core, EVIDENCE, officer_id=person, **look).content.startswith(b"\xff\xd8\xff")
    with pytest.raises(ForbiddenError):
        read_page(core, EVIDENCE, officer_id=a_colleague(core, Role.SUPERVISOR, office="homs"), **look)
    with pytest.raises(NotFoundError):
        read_page(core, EVIDENCE, officer_id=officer, **(look | {"page": 1}))
    assert actions(core, case).count("urgent.evidence_read") == 2
    with pytest.raises(NotFoundError):
        remove_evidence(
            core, account_id=case.account, request_reference=case.request, evidence_id=own.evidence[0].id
        )  # it is with officers


@pytest.mark.alone
def test_the_same_file_counts_once_and_is_recognised_in_another_case(core, a_case, officer):
    draft = a_draft(core)
    who = {"account_id": draft.account, "request_reference": draft.request}
    first = add_evidence(core, content=a_photo(), **who, origin=an_origin())
    assert add_evidence(core, content=a_photo(), **who, origin=an_origin()) == first
    send_case(core, **who)
    case = held(core, a_case(), officer)
    assert open_case(core, officer_id=officer, reference=case.reference).same_files == (draft.reference,)


def test_pages_stay_where_nobody_knows_whether_their_row_was_committed(core):
    draft = a_draft(core)
    who = {"account_id": draft.account, "request_reference": draft.request}

    def lose_the_answer(session):
        if any(isinstance(one, UrgentEvidence) for one in session.identity_map.values()):
            raise OperationalError("COMMIT", None, psycopg.OperationalError("the connection is lost"))

    event.listen(core.sessions, "after_commit", lose_the_answer)
    try:
        with pytest.raises(OperationalError):
            add_evidence(core, content=a_photo(), **who, origin=an_origin())
    finally:
        event.remove(core.sessions, "after_commit", lose_the_answer)

    (file,) = own_case_view(core, **who).evidence
    assert evidence_store(core).get(file.id, 0).startswith(b"\xff\xd8\xff")


def test_a_case_takes_six_files(core):
    draft = a_draft(core)
    who = {"account_id": draft.account, "request_reference": draft.request}
    kept = [add_evidence(core, content=a_photo(shade), **who, origin=an_origin()) for shade in range(0, 240, 40)]
    with pytest.raises(InvalidInputError):
        add_evidence(core, content=a_photo(250), **who, origin=an_origin())
    assert add_evidence(core, content=a_photo(0), **who, origin=an_origin()) == kept[0]
