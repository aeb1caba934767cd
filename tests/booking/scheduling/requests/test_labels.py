from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from booking.antifraud.gate.learned_rows import gate_rows
from booking.desk.counter.arrive import Finding, check_in
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError
from booking.platform.models import Appointment, AuditEntry, Label, Request
from booking.platform.models.states import AppointmentState, LabelKind, RequestState
from booking.scheduling.appointments.attend import miss, serve
from booking.scheduling.requests.appeals import confirm_reselling
from booking.scheduling.requests.review import appeal, decide_review
from tests.booking.antifraud.gate.people import an_appointment, an_officer, under_review
from tests.support.country import a_member, a_wish, an_account, an_origin, pending_number
from tests.support.roles import past_the_roles


def labels(core):
    with core.sessions() as session:
        rows = session.scalars(select(Label).order_by(Label.known_at, Label.kind)).all()
        return [(row.kind, row.value, row.known_at, row.source, row.account_id) for row in rows]


def known(core):
    """What a training as of now would know of the only request."""
    now = core.clock.now() + timedelta(seconds=1)
    with core.sessions() as session:
        return gate_rows(session, since=now - timedelta(days=99), as_of=now)["label"].tolist()


@pytest.mark.parametrize("accept", [True, False])
def test_an_officers_decision_becomes_a_label_in_the_same_transaction(country, accept):
    _, reference = under_review(country)
    officer = an_officer(country)
    country.clock.advance(timedelta(hours=2))

    decide_review(country, officer_id=officer, reference=reference, accept=accept, note="looked at it")

    assert labels(country) == [(LabelKind.REVIEW, not accept, country.clock.now(), "officer", officer)]
    assert known(country) == [not accept]


def test_a_decision_that_fails_leaves_no_label(country):
    _, reference = under_review(country)
    with pytest.raises(ForbiddenError):
        decide_review(country, officer_id=an_account(country), reference=reference, accept=False, note="me")

    assert labels(country) == []
    assert known(country) == [None]


def test_an_appeal_overrides_the_label_of_a_review(country):
    account, reference = under_review(country)
    officer = an_officer(country)
    decide_review(country, officer_id=officer, reference=reference, accept=False, note="too many people")
    country.clock.advance(timedelta(hours=1))
    appeal(country, account_id=account, reference=reference, words="they are my family")
    decide_review(country, officer_id=an_officer(country), reference=reference, accept=True, note="saw the family book")

    assert [(kind, value) for kind, value, *_ in labels(country)] == [
        (LabelKind.REVIEW, True),
        (LabelKind.APPEAL, False),
    ]
    assert known(country) == [False]


def test_a_served_person_is_labelled_honest(country):
    reference, officer, at = an_appointment(country)
    country.clock.set(at)
    check_in(country, officer_id=officer, reference=reference)
    assert labels(country) == []
    serve(country, officer_id=officer, reference=reference)

    assert labels(country) == [(LabelKind.ATTENDANCE, False, country.clock.now(), "counter", officer)]
    assert known(country) == [False]
    with country.sessions() as session:
        assert session.scalars(select(Request.state)).all() == [RequestState.COMPLETED]
        assert session.scalars(select(Appointment.state)).all() == [AppointmentState.SERVED]
        assert session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.startswith("appointment.")).order_by(AuditEntry.sequence)
        ).all() == ["appointment.checked_in", "appointment.served"]


def test_a_no_show_trains_only_the_no_show_model(country):
    reference, officer, at = an_appointment(country)
    with pytest.raises(IllegalMoveError):  # the appointment has not even begun
        miss(country, officer_id=officer, reference=reference)
    country.clock.set(at + timedelta(hours=3))

    miss(country, officer_id=officer, reference=reference)

    assert labels(country) == [(LabelKind.ATTENDANCE, True, country.clock.now(), "counter", officer)]
    assert known(country) == [None]
    assert check_in(country, officer_id=officer, reference=reference).finding is Finding.MISSED


def test_only_officers_of_the_office_record_attendance(country):
    reference, _, at = an_appointment(country)
    country.clock.set(at)
    elsewhere = an_officer(country, office="aleppo")
    assert check_in(country, officer_id=elsewhere, reference=reference).finding is Finding.OTHER_OFFICE
    for who in (elsewhere, an_account(country)):
        with pytest.raises(ForbiddenError):
            serve(country, officer_id=who, reference=reference)
    with pytest.raises(ForbiddenError):
        check_in(country, officer_id=an_account(country), reference=reference)


def test_confirmed_reselling_overrides_other_labels_and_is_logged(country):
    reference, officer, at = an_appointment(country)
    country.clock.set(at)
    check_in(country, officer_id=officer, reference=reference)
    serve(country, officer_id=officer, reference=reference)
    with country.sessions() as session:
        request = session.scalars(select(Request.reference)).one()
    with pytest.raises(InvalidInputError):
        confirm_reselling(country, officer_id=officer, reference=request, resold=True, note=" ")
    with pytest.raises(ForbiddenError):
        confirm_reselling(country, officer_id=an_account(country), reference=request, resold=True, note="x")

    confirm_reselling(country, officer_id=officer, reference=request, resold=True, note="the advertisement names it")

    assert known(country) == [True]
    with country.sessions() as session:
        assert session.scalar(select(AuditEntry.subject).where(AuditEntry.action == "reselling.confirmed")) == request


@pytest.mark.parametrize("statement", ["UPDATE label SET value = false", "DELETE FROM label", "TRUNCATE label"])
def test_labels_are_never_changed_or_removed(country, statement):
    _, reference = under_review(country)
    decide_review(country, officer_id=an_officer(country), reference=reference, accept=False, note="no")

    with pytest.raises(DBAPIError, match="never changed or removed"), past_the_roles(country) as session:
        session.execute(text(statement))


def test_requests_refused_by_a_hard_fact_do_not_train_models(country):
    from booking.scheduling.requests.ask import ask  # noqa: PLC0415

    account = an_account(country)
    member = a_member(country, account, number=pending_number(country))
    reference = ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin()).reference
    appeal(country, account_id=account, reference=reference, words="the number is right")
    decide_review(country, officer_id=an_officer(country), reference=reference, accept=True, note="saw the card")

    assert len(labels(country)) == 1
    assert known(country) == []
