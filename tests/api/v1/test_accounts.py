import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.platform.models import Account
from tests.support.country import PASSWORD, last_secret

pytestmark = pytest.mark.neighbours

ACCOUNT = {"username": "amal.fictional", "password": PASSWORD, "phone": "٠٩٣٣ ١٢٣ ٤٥٦"}


@pytest.fixture
def amal(program):
    """A program that registered and signed in."""
    assert program.post("/accounts", ACCOUNT).status_code == 201
    program.token = program.post("/sessions", {"username": "amal.fictional", "password": PASSWORD}).json()[
        "access_token"
    ]
    return program


def account_id(core, username="amal.fictional"):
    with core.sessions() as session:
        return session.scalars(select(Account.id).where(Account.username == username)).one()


def test_a_phone_is_confirmed_after_registration(amal, core):
    me = amal.get("/accounts/me").json()
    assert (me["username"], me["phone_ends"], me["phone_confirmed"]) == ("amal.fictional", "456", False)
    assert amal.post("/accounts/me/phone-confirmation", {"code": "000000"}).json()["code"] == "wrong_code"
    code = last_secret(core, account_id(core), "confirm_phone")
    assert amal.post("/accounts/me/phone-confirmation", {"code": code}).status_code == 204
    assert amal.get("/accounts/me").json()["phone_confirmed"] is True


def test_a_repeated_registration_gets_the_same_answer(program):
    first, again = program.post("/accounts", ACCOUNT, key="k"), program.post("/accounts", ACCOUNT, key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    changed = program.post("/accounts", ACCOUNT | {"password": "another long password"}, key="k")
    assert changed.json()["code"] == "idempotency_conflict"


def test_a_user_name_belongs_to_one_account(program):
    program.post("/accounts", ACCOUNT)
    answer = program.post("/accounts", ACCOUNT | {"username": "Amal.Fictional"})
    assert (answer.status_code, answer.json()["code"]) == (409, "username_taken")


def test_all_mistakes_in_a_registration_are_reported_at_once(program):
    answer = program.post("/accounts", {"username": "a", "password": "short", "phone": "011 222"})
    assert answer.status_code == 422
    assert {"username", "password", "phone"} == {error["field"] for error in answer.json()["errors"]}
    assert answer.json()["errors"] != []
    too_long = program.post("/accounts", ACCOUNT | {"username": "a" * 201})
    assert too_long.json()["errors"][0]["field"] == "username"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\u202e", "\ufffe"])
def test_unprintable_characters_are_refused_and_never_break_anything(program, character):
    for field, value in ACCOUNT.items():
        answer = program.post("/accounts", ACCOUNT | {field: value + character})
        assert answer.status_code in {201, 409, 422}, field
    assert program.post("/sessions", {"username": f"a{character}", "password": f"b{character}"}).status_code == 401
    assert program.post("/password-resets", {"username": f"a{character}"}).status_code == 202


def test_a_lone_surrogate_is_refused(client):
    answer = client.post(
        "/api/v1/sessions",
        content=b'{"username": "\\ud800", "password": "\\udfff"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400


def test_wrong_user_name_and_wrong_password_get_the_same_answer(amal):
    wrong = [
        amal.post("/sessions", {"username": name, "password": "not the password"}).json()
        for name in ("amal.fictional", "nobody")
    ]
    for problem in wrong:
        problem.pop("request_id")
    assert wrong[0] == wrong[1]
    assert wrong[0]["code"] == "wrong_credentials"


def test_a_token_is_invalid_after_signing_out(amal):
    assert amal.delete("/sessions/current").status_code == 204
    answer = amal.get("/accounts/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_token_expires(amal, clock, core):
    clock.advance(core.settings.session_lifetime + timedelta(seconds=1))
    assert amal.get("/accounts/me").status_code == 401


def test_too_many_sign_ins_are_refused_until_a_given_time(amal):
    body = {"username": "amal.fictional", "password": "not the password"}
    answers = [amal.post("/sessions", body) for _ in range(13)]
    assert answers[-1].status_code == 429
    problem, headers = answers[-1].json(), answers[-1].headers
    assert problem["code"] == "too_many_attempts"
    assert headers["retry-after"] == str(problem["retry_after"])
    assert headers["ratelimit-policy"] == '"visitor";q=6;w=60'
    assert headers["ratelimit"] == f'"visitor";r=0;t={problem["retry_after"]}'


def test_a_new_code_replaces_the_one_before(amal, core, clock):
    before = last_secret(core, account_id(core), "confirm_phone")
    clock.advance(timedelta(minutes=1))
    answer = amal.post("/accounts/me/phone-codes")
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["ratelimit-policy"] == '"phone";q=4;w=900'
    assert re.fullmatch(r'"phone";r=[0-3];t=\d+', answer.headers["ratelimit"])
    now = last_secret(core, account_id(core), "confirm_phone")
    if before != now:
        assert amal.post("/accounts/me/phone-confirmation", {"code": before}).status_code == 422
    assert amal.post("/accounts/me/phone-confirmation", {"code": now}).status_code == 204


def test_a_forgotten_password_is_replaced_and_old_sessions_end(amal, core):
    known = amal.post("/password-resets", {"username": "amal.fictional"})
    unknown = amal.post("/password-resets", {"username": "nobody.fictional"})
    assert (known.status_code, list(known.json())) == (unknown.status_code, list(unknown.json()))
    code = last_secret(core, account_id(core), "reset_password")
    body = {"username": "amal.fictional", "code": code, "password": "short"} | known.json()
    assert amal.post("/password-resets/confirmation", body).status_code == 422
    body["password"] = "an altogether new password"
    assert amal.post("/password-resets/confirmation", body).status_code == 204
    assert amal.get("/accounts/me").status_code == 401
    assert amal.post("/sessions", {"username": "amal.fictional", "password": PASSWORD}).status_code == 401
    assert amal.post("/sessions", {"username": "amal.fictional", "password": body["password"]}).status_code == 200
