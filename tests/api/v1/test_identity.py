"""Programs show who somebody is, and see and end who acts for the people of a household."""

import pytest

from booking.people.registers.synthetic import CODE, Enrolled, serial_of
from booking.platform.models.identity import ProofKind
from tests.support.country import BORN, a_member, an_account, eligible_number

pytestmark = pytest.mark.neighbours

NAME = "أمل الخيالية"


def a_claim(program, core, **enrolled):
    """Add somebody whom the register knows, without a proof; the number and the member's path."""
    number = eligible_number(core)
    core.register.enrol(number, Enrolled(NAME, BORN, **enrolled))
    body = {"name": NAME, "national_number": number, "birth_date": BORN.isoformat(), "relation": "self"}
    made = program.post("/household/members", body)
    return number, f"/household/members/{made.json()['id']}"


def test_a_serial_proves_and_every_refusal_is_alike(citizen, core):
    amal = citizen(numbers=())
    number, member = a_claim(amal, core)
    wrong = [amal.post(f"{member}/proofs", {"kind": kind, "serial": "C1", "code": "1"}) for kind in ("card", "phone")]
    assert [(one.status_code, one.json()["code"]) for one in wrong] == [(422, "proof_refused")] * 2
    done = amal.post(f"{member}/proofs", {"kind": "card", "serial": serial_of(number, ProofKind.CARD)})
    assert (done.status_code, done.json()) == (200, {"level": "proven"})


def test_the_registers_code_proves(citizen, core):
    amal = citizen(numbers=())
    _, member = a_claim(amal, core)
    assert amal.post(f"{member}/proofs/code").status_code == 202
    assert amal.post(f"{member}/proofs", {"kind": "phone", "code": CODE}).json() == {"level": "proven"}


def test_who_acts_is_listed_and_ended(citizen, core):
    number = eligible_number(core)
    amal = citizen(numbers=(number,))
    other = a_member(core, an_account(core), number=number, proven=False)
    (person,) = amal.get("/household/acting").json()["people"]
    (acting,) = person["acting"]
    assert (acting["id"], acting["level"], acting["doing"], acting["disputed"]) == (other, "matched", [], False)
    path = f"/household/members/{person['member_id']}/acting/{other}"
    assert amal.delete(path).json() == {"outcome": "ended"}
    assert amal.delete(path).status_code == 404


def test_another_accounts_person_is_not_found(citizen, core):
    amal, karim = citizen(), citizen()
    member = f"/household/members/{amal.members[0]}"
    assert karim.post(f"{member}/proofs", {"kind": "card", "serial": "C1"}).status_code == 404
    assert karim.post(f"{member}/proofs/code").status_code == 404
    assert karim.delete(f"{member}/acting/{karim.members[0]}").status_code == 404
