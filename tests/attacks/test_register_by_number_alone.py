"""Somebody who has a national number, and even the register's token, walks all that a register answers without a grant.

Before the register had a door of its own, `Registry.lookup` told whether somebody held a deferral, was of conscription
age or had a passport for the number alone: this attack had them all.
"""

import json
from datetime import date

import pytest
from fastapi.testclient import TestClient

from api.stand_in_register import create_register
from booking.people.registers.synthetic import Enrolled, SyntheticRegister, grant_of

TOKEN = "a token that leaked"
NUMBER = "98100000001"
OWNER = Enrolled("وسيم المبتكر", date(2001, 4, 9))
GUESS = {
    "number": NUMBER,
    "name": "سلمى العينة",
    "birth_date": "1990-01-01",
    "serial": "C00000000",
    "kind": "card",
    "handle": "0",
    "code": "000000",
    "guardian": "01000000001",
    "grant": "0",
    "by": "0",
    "people": [{"number": NUMBER, "grant": "0"}],
}
EMPTY = {"grant", "handle", "facts"}


@pytest.fixture
def register(clock):
    register = SyntheticRegister(clock, ["damascus", "homs"])
    register.enrol(NUMBER, OWNER)
    return register


def questions(app):
    """Every call of the contract, filled with what can be guessed."""
    document = app.openapi()
    for path, methods in document["paths"].items():
        name = methods["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        fields = document["components"]["schemas"][name]["properties"]
        kinds = fields.get("kind", {}).get("enum", [None])
        for kind in kinds:
            yield path, {field: GUESS[field] if field != "kind" else kind for field in fields}


def test_a_number_alone_brings_nothing_of_its_owner(register):
    app = create_register(register, token=TOKEN)
    with TestClient(app, headers={"authorization": f"Bearer {TOKEN}"}) as client:
        walked = [(path, client.post(path, json=question)) for path, question in questions(app)]
        alone = [client.post(path, json={"number": NUMBER}) for path, _ in walked]

    assert len(walked) == 10
    for path, answer in walked:
        said = answer.json()
        assert answer.status_code == 200
        if path == "/v1/match":
            assert said == {"number": NUMBER, "person": "no", "name": "no", "birth_date": "no"}
        else:
            assert {one[field] for one in said.get("people", [said]) for field in EMPTY & one.keys()} == {None}
        for secret in (OWNER.name, str(OWNER.birth_date), grant_of(NUMBER), "deferral", "conscription", "male"):
            assert secret not in json.dumps(said, ensure_ascii=False)
    assert {answer.status_code for answer in alone} == {400}
    assert all(NUMBER not in answer.text for answer in alone)


def test_without_the_token_nobody_is_answered_and_nothing_is_read(register):
    app = create_register(register, token=TOKEN)
    with TestClient(app) as client:
        for path, question in questions(app):
            for shown in ({}, {"authorization": "Bearer "}, {"authorization": f"Bearer {TOKEN}x"}):
                assert client.post(path, json=question, headers=shown).status_code == 401
        head = {"authorization": f"Bearer {TOKEN}"}
        assert client.post("/v1/match", content=b" " * 5000, headers=head).status_code == 400
        assert client.post("/v1/match", content=iter([b"{}"]), headers=head).status_code == 400


def test_nothing_lists_people_and_nobody_is_enrolled_over_http(register):
    app = create_register(register, token=TOKEN)
    document = app.openapi()

    assert {method for path in document["paths"].values() for method in path} == {"post"}
    assert all("{" not in path and "?" not in path for path in document["paths"])
    names = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert "phone" not in names
