"""Whoever reads a request at the desk leaves a reason."""

import pytest
from sqlalchemy import select

from booking.platform.models import AuditEntry
from booking.platform.models.states import Role
from booking.scheduling.requests.review import appeal, decide_review
from booking.scheduling.requests.staff_views import TRIED, WAITING
from tests.booking.antifraud.gate.people import under_review
from tests.support.country import a_colleague


@pytest.fixture
def nour(staff):
    """A clerk's browser."""
    return staff(Role.OFFICER, None)


@pytest.fixture
def case(core):
    return under_review(core)


@pytest.fixture
def looks(core):
    def read():
        with core.sessions() as session:
            entries = session.scalars(
                select(AuditEntry).where(AuditEntry.action == "review.looked_at").order_by(AuditEntry.sequence)
            ).all()
            return [(one.subject, one.details["reason"]) for one in entries]

    return read


def test_opening_a_waiting_case_is_logged_as_deciding(nour, case, looks):
    _, reference = case
    assert nour.go("/desk").status == 200
    assert looks() == []

    assert "Everyone is looked at today." in nour.go("/language/en?back=/desk").go(f"/desk/reviews/{reference}").text
    assert looks() == [(reference, WAITING)]


def test_a_decided_case_opens_only_with_a_reason(core, nour, case, looks):
    _, reference = case
    decide_review(core, officer_id=a_colleague(core, Role.REVIEWER), reference=reference, accept=True, note="honest")
    nour.go("/language/en?back=/desk").go(f"/desk/reviews/{reference}")
    assert "Why it is here" not in nour.text
    nour.send(reason=" ")
    assert (nour.status, "Why it is here" in nour.text) == (422, False)
    assert looks() == []

    nour.send(reason="she asks at the counter")

    assert "Why it is here" in nour.text
    assert looks() == [(reference, "she asks at the counter")]


def test_a_decision_that_comes_too_late_is_logged_too(core, nour, case, looks):
    _, reference = case
    nour.go(f"/desk/reviews/{reference}")
    decide_review(core, officer_id=a_colleague(core, Role.REVIEWER), reference=reference, accept=True, note="honest")

    nour.send(decision="refuse", note="I saw something")

    assert nour.status == 409
    assert looks() == [(reference, WAITING), (reference, TRIED)]


def test_appeal_texts_are_shown_on_the_case_and_not_in_the_list(core, nour, case, looks):
    account, reference = case
    decide_review(core, officer_id=a_colleague(core, Role.REVIEWER), reference=reference, accept=False, note="twice")
    appeal(core, account_id=account, reference=reference, words="my daughter is ill")

    assert "my daughter is ill" not in nour.go("/desk/appeals").text
    assert "my daughter is ill" in nour.go(f"/desk/reviews/{reference}").text
    assert looks() == [(reference, WAITING)]


def test_a_form_without_a_decision_changes_nothing_and_keeps_the_note(nour, case):
    _, reference = case
    nour.go(f"/desk/reviews/{reference}")

    nour.send(note="I was about to write", decision="")

    assert nour.status == 422
    assert "I was about to write" in nour.text
    nour.send(decision="challenge", note="Is this your phone?")
    assert reference not in nour.go("/desk").text


def test_the_queue_begins_with_appeals_ordered_by_last_day(core, nour, case):
    account, reference = case
    decide_review(core, officer_id=a_colleague(core, Role.REVIEWER), reference=reference, accept=False, note="twice")
    _, other = under_review(core)
    appeal(core, account_id=account, reference=reference, words="my daughter is ill")

    text = nour.go("/language/en?back=/desk").go("/desk").text

    assert text.index(reference) < text.index(other)
    assert text.count("Answer by") == 1
