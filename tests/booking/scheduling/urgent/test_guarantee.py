"""Whoever writes SQL as the application's own role cannot get a place of the urgent pool without the approvals."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from booking.platform.models import Office, Request, RequestMember, Slot, SlotPool
from booking.platform.models.states import Pool, Role
from booking.scheduling.urgent.approve import approve, approve_second
from booking.scheduling.urgent.claim import claim
from tests.support.country import a_colleague, a_request
from tests.support.urgent_cases import APPROVE, stored


def refused(core, *statements, **values):
    """Run statements in one transaction; give the database's words of refusal."""

    def run():
        with core.sessions.begin() as session:
            for statement in statements:
                session.execute(text(statement), values)

    with pytest.raises(DBAPIError, match="urgent: ") as caught:
        run()
    return str(caught.value.orig)


def a_slot_in(core, days, *, office="damascus", units=1):
    """A slot with a free urgent place, some days ahead."""
    with core.sessions() as session:
        return session.scalars(
            select(Slot.id)
            .join(Office, Office.id == Slot.office_id)
            .join(SlotPool, SlotPool.slot_id == Slot.id)
            .where(
                Office.code == office,
                Slot.local_day >= core.today() + timedelta(days=days),
                Slot.starts_at > core.clock.now(),
                SlotPool.pool == Pool.URGENT,
                SlotPool.places - SlotPool.taken >= units,
            )
            .order_by(Slot.starts_at)
            .limit(1)
        ).one()


APPOINTMENT = """
INSERT INTO appointment (id, reference, request_id, office_id, urgent_request_id, state, starts_at, ends_at, confirm_by,
                         created_at)
SELECT :appointment, 'FORGED', r.id, s.office_id, :case, 'confirmed', s.starts_at, s.ends_at, s.starts_at, now()
FROM request r, slot s WHERE r.reference = :request AND s.id = :slot
"""
PLACES = "INSERT INTO appointment_places VALUES (:appointment, :slot, 'urgent', 1)"
TAKE = "UPDATE slot_pool SET taken = taken + 1 WHERE slot_id = :slot AND pool = 'urgent'"
SETTLE = "UPDATE urgent_request SET state = 'approved' WHERE id = :case"
DECISION = """
INSERT INTO urgent_decision (id, urgent_request_id, officer_id, act, position, slot_id, reason_code, note, details, at)
VALUES (gen_random_uuid(), :case, :officer, 'approval', :position, :slot, 'evidence_is_clear', 'forged', '{}', now())
"""


def test_no_place_is_taken_without_an_appointment(core):
    slot = a_slot_in(core, 3)
    assert "do not agree" in refused(core, TAKE, slot=slot)
    assert "do not agree" in refused(
        core,
        "UPDATE slot_pool SET overbooked = 1, places = places + 1 WHERE slot_id = :slot AND pool = 'urgent'",
        slot=slot,
    )
    assert "grows only" in refused(
        core, "UPDATE slot_pool SET places = places + 1 WHERE slot_id = :slot AND pool = 'urgent'", slot=slot
    )


def test_no_urgent_appointment_exists_without_a_case(core):
    _, asked = a_request(core)
    values = {"appointment": uuid4(), "slot": a_slot_in(core, 3), "request": asked.reference, "case": None}
    assert "needs an approved case" in refused(core, APPOINTMENT, PLACES, TAKE, **values)
    assert "do not agree" in refused(core, APPOINTMENT, PLACES, **values)


def test_no_appointment_moves_into_the_urgent_pool_afterwards(core):
    _, asked = a_request(core)
    values = {"appointment": uuid4(), "slot": a_slot_in(core, 3), "request": asked.reference, "case": None}
    with core.sessions.begin() as session:
        session.execute(text(APPOINTMENT), values)
        session.execute(text(PLACES.replace("urgent", "walk_in")), values)
    assert "needs an approved case" in refused(core, "UPDATE appointment_places SET pool = 'urgent'", TAKE, **values)


def test_an_unapproved_case_gives_no_place(core, a_case):
    case = a_case()
    forged = {
        "appointment": uuid4(),
        "slot": a_slot_in(core, 3),
        "request": case.request,
        "case": stored(core, case.reference).id,
    }
    assert "not approved" in refused(core, APPOINTMENT, **forged)
    assert "nobody approved" in refused(core, APPOINTMENT, PLACES, TAKE, SETTLE, **forged)
    assert "nobody approved" in refused(core, SETTLE, **forged)


def test_another_persons_approved_case_gives_no_place(core, a_case, officer):
    case = a_case()
    claim(core, officer_id=officer, reference=case.reference)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    _, other = a_request(core)
    forged = {
        "appointment": uuid4(),
        "slot": a_slot_in(core, 3),
        "request": other.reference,
        "case": stored(core, case.reference).id,
    }
    assert "needs an approved case" in refused(core, APPOINTMENT, PLACES, TAKE, **forged)


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("who", "position"), [("citizen", 1), ("of another office", 1), ("officer", 2), ("applicant", 1)]
)
def test_only_staff_of_the_office_decide_and_only_a_supervisor_is_second(core, a_case, officer, who, position):
    case = a_case()
    person = {
        "citizen": lambda: a_request(core)[0],
        "of another office": lambda: a_colleague(core, Role.OFFICER, office="homs"),
        "officer": lambda: officer,
        "applicant": lambda: case.account,
    }[who]()
    values = {"case": stored(core, case.reference).id, "officer": person, "slot": a_slot_in(core, 3)}
    assert "may not make" in refused(core, DECISION, position=position, **values)


def second_needed(core, a_case, officer, days=0):
    """A case that waits for a second person, because its place is today."""
    case = a_case(days=days)
    claim(core, officer_id=officer, reference=case.reference)
    given = approve(core, officer_id=officer, reference=case.reference, slot_id=a_slot_in(core, 0, units=1), **APPROVE)
    assert given.second_for == ("same_day",)
    return case, stored(core, case.reference).id


def test_the_same_officer_cannot_approve_twice(core, a_case):
    chief = a_colleague(core, Role.SUPERVISOR, office="damascus")
    _, case_id = second_needed(core, a_case, chief)
    with core.sessions() as session:
        slot = session.scalar(text("SELECT slot_id FROM urgent_decision"))
    with pytest.raises(DBAPIError, match="the same person approved first"), core.sessions.begin() as session:
        session.execute(text(DECISION), {"case": case_id, "officer": chief, "slot": slot, "position": 2})


def test_one_approval_is_not_enough_where_policy_demands_two(core, a_case, officer):
    case, case_id = second_needed(core, a_case, officer)
    with core.sessions() as session:
        slot = session.scalar(text("SELECT slot_id FROM urgent_decision"))
    forged = {"appointment": uuid4(), "slot": slot, "request": case.request, "case": case_id}
    assert "a second person" in refused(core, APPOINTMENT, PLACES, TAKE, SETTLE, **forged)


def test_a_second_approval_from_the_same_household_does_not_count(core, a_case, officer, supervisor):
    case, _ = second_needed(core, a_case, officer)
    with core.sessions() as session:
        person = session.scalar(select(RequestMember.person_id).join(Request).where(Request.reference == case.request))
    cousin = """
    INSERT INTO household_member (account_id, person_id, name, relation, created_at)
    VALUES (:officer, :person, 'a cousin', 'other', now())
    """
    with core.sessions() as session:
        slot, case_id = session.execute(text("SELECT slot_id, urgent_request_id FROM urgent_decision")).one()
    forged = {"appointment": uuid4(), "slot": slot, "request": case.request, "case": case_id}
    forged |= {"person": person, "officer": supervisor, "position": 2}
    assert "same household" in refused(core, DECISION, cousin, APPOINTMENT, PLACES, TAKE, SETTLE, **forged)


def test_an_urgent_appointment_stays_at_its_approved_place(core, a_case, officer):
    case = a_case()
    claim(core, officer_id=officer, reference=case.reference)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    case_id = stored(core, case.reference).id
    elsewhere = a_slot_in(core, 3, office="homs")
    moved = """
        WITH freed AS (UPDATE slot_pool SET taken = taken - 1 WHERE pool = 'urgent' AND slot_id IN (
            SELECT slot_id FROM appointment_places JOIN appointment a ON a.id = appointment_id
            WHERE a.urgent_request_id = :case))
        UPDATE appointment_places p SET slot_id = :slot FROM appointment a
        WHERE a.id = p.appointment_id AND a.urgent_request_id = :case
    """
    assert "not where and when" in refused(core, moved, TAKE, case=case_id, slot=elsewhere)
    assert "not where and when" in refused(
        core,
        "UPDATE appointment SET starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day' "
        "WHERE urgent_request_id = :case",
        case=case_id,
    )


def test_approvals_cannot_be_changed_while_their_appointment_lives(core, a_case, officer):
    case = a_case()
    claim(core, officer_id=officer, reference=case.reference)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    case_id = stored(core, case.reference).id
    assert "never changed" in refused(core, "UPDATE urgent_decision SET note = 'better words'")
    assert "never changed" in refused(core, "DELETE FROM urgent_decision")
    assert "nobody approved" in refused(core, "UPDATE urgent_decision SET undone_at = now()")
    assert "not approved" in refused(core, "UPDATE urgent_request SET state = 'denied' WHERE id = :case", case=case_id)
    assert "do not agree" in refused(
        core, "UPDATE appointment SET state = 'cancelled' WHERE urgent_request_id = :case", case=case_id
    )


def test_a_supervisor_of_the_office_counts_as_the_second_person(core, a_case, officer, supervisor):
    case, _ = second_needed(core, a_case, officer)
    given = approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)
    assert given.appointment
    assert stored(core, case.reference).level == "immediate"
