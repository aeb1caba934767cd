from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from booking.antifraud.gate.learned_rows import gate_rows
from booking.antifraud.linking.decide import decide_case, look_at_case
from booking.antifraud.linking.newcomers import compare_newcomers
from booking.antifraud.linking.rings import open_rings
from booking.antifraud.linking.views import flags
from booking.platform.base.errors import (
    CaseChangedError,
    CaseClosedError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from booking.platform.models import Account, AuditEntry, Label, Request, RequestLeft, RequestMember, ReviewCase
from booking.platform.models.requests.case import CaseDecision, CaseKind, CaseState
from booking.platform.models.states import LabelKind, RequestState
from booking.scheduling.requests.ask import ask
from tests.booking.antifraud.gate.people import an_officer
from tests.booking.antifraud.linking.people import NAME, a_client, a_person, a_ring, asks_from, cases
from tests.support.country import BORN, a_member, a_wish, an_account, an_origin
from tests.support.waiting import PATIENCE


@pytest.fixture
def pair(country):
    a_person(country)
    a_person(country)
    compare_newcomers(country)
    [case] = cases(country)
    return case


@pytest.fixture
def ring(country):
    open_rings(country)
    [case] = cases(country)
    return case


def decide(core, case, officer, decision, *, note="I saw both cards", revision=None):
    decide_case(
        core,
        officer_id=officer,
        reference=case.reference,
        revision=revision or case.revision,
        decision=decision,
        note=note,
    )


def audited(core, action):
    with core.sessions() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()
        return [(row.account_id, row.subject, row.details) for row in rows]


def labels(core):
    with core.sessions() as session:
        return session.scalars(select(Label)).all()


def test_a_decision_is_stored_with_officer_note_and_time(country, pair):
    officer = an_officer(country)
    country.clock.advance(timedelta(hours=3))

    decide(country, pair, officer, "same")

    [case] = cases(country)
    assert (case.state, case.decision, case.officer_id) == (CaseState.DECIDED, CaseDecision.SAME, officer)
    assert (case.note, case.closed_at) == ("I saw both cards", country.clock.now())
    details = {"note": "I saw both cards", "labelled": 0}
    assert audited(country, "case.same") == [(officer, pair.reference, details)]
    assert labels(country) == []


def test_only_one_of_two_simultaneous_decisions_counts(country, pair):
    officers = [an_officer(country), an_officer(country)]
    start = Barrier(2, timeout=PATIENCE)

    def answer(officer, decision):
        start.wait()
        try:
            decide(country, pair, officer, decision)
        except CaseClosedError:
            return "closed"
        return decision

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(answer, officers, ["same", "different"]))

    [case] = cases(country)
    assert answers == sorted(["closed", case.decision.value])
    with country.sessions() as session:
        made = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("case.%"))).all()
    assert made == [f"case.{case.decision.value}"]


def test_a_case_that_grew_since_it_was_read_must_be_read_again(country, ring):
    asks_from(country, "a broker's tablet")
    open_rings(country)

    with pytest.raises(CaseChangedError):
        decide(country, ring, an_officer(country), "reselling", revision=1)
    assert labels(country) == []

    decide(country, ring, an_officer(country), "reselling", revision=2)
    assert len(labels(country)) == 20


@pytest.mark.parametrize("decision", ["reselling", "honest"])
def test_a_decision_about_a_ring_becomes_labels_known_from_then_on(country, ring, decision):
    officer = an_officer(country)
    country.clock.advance(timedelta(days=2))

    decide(country, ring, officer, decision)

    found = labels(country)
    assert len(found) == 18
    assert {(one.kind, one.value, one.known_at, one.source, one.account_id) for one in found} == {
        (LabelKind.RESELLING, decision == "reselling", country.clock.now(), "ring", officer)
    }
    with country.sessions() as session:
        long_ago = country.clock.now() - timedelta(days=99)
        before = gate_rows(session, since=long_ago, as_of=country.clock.now())
        after = gate_rows(session, since=long_ago, as_of=country.clock.now() + timedelta(seconds=1))
    assert before["label"].tolist() == [None] * 18
    assert after["label"].tolist() == [decision == "reselling"] * 18


def test_requests_from_an_accounts_own_phone_are_not_labelled(country, ring):
    owner = ring.subjects[0]
    with country.sessions.begin() as session:
        own = update(Request).where(Request.account_id == owner)
        session.execute(own.values(device_hash=b"its own, " * 3, phone_hash=b"its own phone"))

    decide(country, ring, an_officer(country), "reselling")

    with country.sessions() as session:
        labelled = session.scalars(select(Request.account_id).join(Label, Label.request_id == Request.id)).all()
    assert set(labelled) == set(ring.subjects) - {owner}


def test_clients_of_a_ring_are_neither_labelled_nor_flagged(country):
    organiser = asks_from(country, "a broker's tablet", people=7)
    a_ring(country, 4)
    client = a_client(country)
    open_rings(country)
    [case] = cases(country)

    decide(country, case, an_officer(country), "reselling")

    with country.sessions() as session:
        labelled = set(session.scalars(select(Request.account_id).join(Label, Label.request_id == Request.id)))
        asked = dict(session.execute(select(Request.account_id, Request.reference)).all())
    assert labelled == set(case.subjects)
    assert client not in labelled
    assert case.subjects[0] == organiser
    assert flags(country, asked[client]) == []
    assert [one.reference for one in flags(country, asked[organiser])] == [case.reference]


def test_an_officer_whom_a_ring_helped_decides_nothing_about_it(country, ring):
    officer = an_officer(country)
    a_client(country, account=officer)
    assert open_rings(country) == 0
    [case] = cases(country)

    with pytest.raises(ForbiddenError):
        decide(country, case, officer, "honest")
    assert cases(country)[0].state is CaseState.OPEN


def test_a_case_of_a_version_without_roles_is_still_shown(country, ring):
    with country.sessions.begin() as session:
        case = session.get_one(ReviewCase, ring.id)
        shown = {name: case.evidence["shown"][name] for name in ("bookings", "identifiers", "links")}
        kept = ("since", "until", "accounts", "bookings", "devices", "phones", "before")
        case.evidence = {name: case.evidence[name] for name in kept} | {"shown": shown}

    seen = look_at_case(country, officer_id=an_officer(country), reference=ring.reference)

    assert [(one.role, one.requests, one.people) for one in seen.accounts] == [("", 2, None)] * 9


def test_a_ring_that_resells_refuses_nobody_by_itself(country, ring):
    decide(country, ring, an_officer(country), "reselling")

    with country.sessions() as session:
        states = set(session.scalars(select(Request.state)))
    assert RequestState.REFUSED not in states


def test_officers_see_open_cases_about_the_people_of_a_request(country):
    account = an_account(country)
    member = a_member(country, account, name=NAME)
    a_person(country, born=BORN)
    compare_newcomers(country)
    [case] = cases(country)
    asked = ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())

    assert [one.reference for one in flags(country, asked.reference)] == [case.reference]
    decide(country, case, an_officer(country), "different")
    assert flags(country, asked.reference) == []


def test_every_view_of_a_case_about_two_people_is_logged(country, pair):
    officer = an_officer(country)

    seen = look_at_case(country, officer_id=officer, reference=pair.reference)

    assert {entry.name for person in seen.people for entry in person.entries} == {NAME}
    assert audited(country, "case.looked_at") == [(officer, pair.reference, {"kind": "same_person"})]


def test_a_ring_is_shown_without_personal_data_and_with_those_who_left(country, ring):
    with country.sessions.begin() as session:
        one = session.scalars(select(RequestMember).where(RequestMember.position == 0).limit(1)).one()
        session.add(RequestLeft(request_id=one.request_id, person_id=one.person_id, left_at=country.clock.now()))
        session.delete(one)

    seen = look_at_case(country, officer_id=an_officer(country), reference=ring.reference)

    assert [(one.requests, one.people, one.identifiers) for one in seen.accounts] == [(2, 2, (0, 1))] * 9
    assert [one.role for one in seen.accounts] == ["organiser", *["tool"] * 8]
    assert seen.people == sum(seen.states.values()) == 18
    assert audited(country, "case.looked_at") == []


def test_officers_cannot_decide_about_themselves_or_their_family(country, pair):
    a_ring(country, 9)
    open_rings(country)
    [ring] = [case for case in cases(country) if case.kind is CaseKind.RING]
    officer = an_officer(country)
    with country.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == officer).values(phone_confirmed_at=country.clock.now()))
        mine = session.scalar(
            text("SELECT person_id FROM household_member WHERE person_id = ANY(:people)"), {"people": pair.subjects}
        )
        session.execute(
            text(
                "INSERT INTO household_member (account_id, person_id, name, relation, created_at) "
                "VALUES (:account, :person, 'قريبتي', 'sibling', now())"
            ),
            {"account": officer, "person": mine},
        )
        session.execute(update(ReviewCase).where(ReviewCase.id == ring.id).values(subjects=[*ring.subjects, officer]))

    for case, decision in ((pair, "same"), (ring, "honest")):
        with pytest.raises(ForbiddenError):
            look_at_case(country, officer_id=officer, reference=case.reference)
        with pytest.raises(ForbiddenError):
            decide(country, case, officer, decision)


def test_only_officers_read_and_decide(country, pair):
    citizen = an_account(country)
    with pytest.raises(ForbiddenError):
        look_at_case(country, officer_id=citizen, reference=pair.reference)
    with pytest.raises(ForbiddenError):
        decide(country, pair, citizen, "same")


@pytest.mark.parametrize(("decision", "note"), [("reselling", "wrong kind"), ("accept", "none"), ("same", " ")])
def test_an_invalid_answer_changes_nothing(country, pair, decision, note):
    with pytest.raises(InvalidInputError):
        decide(country, pair, an_officer(country), decision, note=note)

    assert cases(country)[0].state is CaseState.OPEN
    with pytest.raises(NotFoundError):
        look_at_case(country, officer_id=an_officer(country), reference="7K2M9D4QX")


def test_the_database_refuses_to_change_a_decision(country, pair):
    decide(country, pair, an_officer(country), "same")

    for statement in ("UPDATE review_case SET note = 'another'", "DELETE FROM review_case"):
        with pytest.raises(DBAPIError, match="never changed"), country.sessions.begin() as session:
            session.execute(text(statement))
