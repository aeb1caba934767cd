import pytest

from tests.support.country import eligible_number

pytestmark = pytest.mark.neighbours

KARIM = {"name": "كريم المتخيَّل", "birth_date": "17/5/1990", "relation": "spouse"}


def test_a_person_is_added_shown_and_removed(citizen, core):
    amal = citizen(numbers=())
    number = eligible_number(core)
    answer = amal.post("/household/members", KARIM | {"national_number": number})
    assert answer.status_code == 201, answer.text
    location = answer.headers["location"].removeprefix("/api/v1")
    shown = amal.get(location).json()
    assert shown == {
        "id": answer.json()["id"],
        "name": "كريم المتخيَّل",
        "relation": "spouse",
        "birth_date": "1990-05-17",
        "number_ends": number[-3:],
        "level": "claimed",
    }
    assert amal.get("/household/members").json() == {"members": [shown]}
    assert amal.delete(location).status_code == 204
    assert amal.get(location).status_code == 404
    assert amal.delete(location).status_code == 404


def test_the_same_key_adds_one_person_and_gets_the_same_answer(citizen, core):
    amal = citizen(numbers=())
    body = KARIM | {"national_number": eligible_number(core)}
    first, again = (amal.post("/household/members", body, key="k") for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"


def test_a_number_of_the_household_is_not_added_as_someone_else(citizen, core):
    amal = citizen(numbers=())
    body = KARIM | {"national_number": eligible_number(core)}
    amal.post("/household/members", body)
    before = amal.get("/household/members").json()
    answer = amal.post("/household/members", body | {"name": "ليلى المتخيَّلة", "relation": "child"})
    assert (answer.status_code, answer.json()["errors"][0]["reason"]) == (422, "in_household")
    assert amal.get("/household/members").json() == before


def test_two_accounts_may_use_the_same_key(citizen, core):
    amal, karim = citizen(numbers=()), citizen(numbers=())
    body = KARIM | {"national_number": eligible_number(core)}
    first, other = (one.post("/household/members", body, key="k") for one in (amal, karim))
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json() != other.json()


def test_every_unusable_field_of_a_person_is_named(citizen):
    answer = citizen(numbers=()).post(
        "/household/members",
        {"name": "5", "national_number": "12345", "birth_date": "30/2/1990", "relation": "landlord"},
    )
    assert answer.status_code == 422
    assert {"name", "national_number", "birth_date", "relation"} == {e["field"] for e in answer.json()["errors"]}


def test_people_of_others_and_impossible_ids_are_refused(citizen):
    amal, karim = citizen(), citizen()
    assert amal.delete(f"/household/members/{karim.members[0]}").status_code == 404
    assert amal.get(f"/household/members/{karim.members[0]}").status_code == 404
    for wrong in ("0", "-1", "99999999999999999999", "me", "1.5", "%00"):
        assert amal.delete(f"/household/members/{wrong}").status_code == 422, wrong


def test_a_person_in_a_live_request_stays(citizen):
    amal = citizen()
    amal.ask()
    assert amal.delete(f"/household/members/{amal.members[0]}").json()["code"] == "person_in_use"
