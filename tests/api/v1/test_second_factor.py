"""A program sets up, uses and removes the second factor of a citizen, and is refused in the citizen's language."""

import json

import pyotp
import pytest

from booking.people.accounts.fresh import FRESH
from tests.support.country import PASSWORD
from tests.support.software_passkey import SITE, SoftwarePasskey

pytestmark = pytest.mark.neighbours

HERE = "/accounts/me/second-factor"


@pytest.fixture
def amal(citizen):
    return citizen()


def fresh(program):
    """Prove by the password that it is the owner."""
    program.core.clock.advance(FRESH)
    assert program.post(f"{HERE}/passkey-options").json()["code"] == "sign_in_again"
    assert program.post("/sessions/current/proofs", {"password": PASSWORD}).status_code == 204
    return program


def code_of(answer):
    return answer.status_code, answer.json()["code"]


def test_an_app_is_set_up_looked_at_and_removed_with_fresh_proofs(amal):
    assert amal.get(HERE).json()["is_set_up"] is False
    assert code_of(fresh(amal).post(f"{HERE}/app/confirmation", {"code": "000000"})) == (422, "wrong_second_factor")
    secret = amal.post(f"{HERE}/app").json()
    assert secret["address"].startswith("otpauth://totp/")
    app = pyotp.TOTP(secret["secret"])
    set_up = amal.post(f"{HERE}/app/confirmation", {"code": app.at(amal.core.clock.now())})
    codes = set_up.json()["recovery_codes"]
    assert len(codes) == 10
    assert code_of(amal.post(f"{HERE}/app")) == (409, "second_factor_kept")

    assert code_of(amal.post(f"{HERE}/recovery-codes", {"password": PASSWORD})) == (422, "wrong_second_factor")
    newer = amal.post(f"{HERE}/recovery-codes", {"code": codes[0]}).json()["recovery_codes"]
    assert code_of(amal.post(f"{HERE}/removal", {"code": codes[1]})) == (422, "wrong_second_factor")
    assert amal.post("/sessions/current/proofs", {"code": newer[0]}).status_code == 204
    shown = amal.get(HERE).json()
    assert (shown["app"], shown["recovery_codes_left"], shown["may_remove"]) == (True, 9, True)
    assert amal.post(f"{HERE}/removal", {"code": newer[1]}).status_code == 204
    assert amal.get(HERE).json()["is_set_up"] is False
    assert code_of(amal.post(f"{HERE}/removal", {"password": PASSWORD})) == (404, "not_found")


def test_passkeys_are_made_used_as_a_proof_and_removed_but_the_last(amal):
    phone, key = SoftwarePasskey(SITE), SoftwarePasskey(SITE)
    fresh(amal)

    def add(passkey, name):
        options = amal.post(f"{HERE}/passkey-options").text
        return amal.post(f"{HERE}/passkeys", {"name": name, "credential": json.loads(passkey.make(options))})

    assert len(add(phone, "my phone").json()["recovery_codes"]) == 10
    assert add(key, "key").json()["recovery_codes"] == []
    assert code_of(add(key, "key again")) == (422, "wrong_passkey")

    ways = amal.post("/sessions/current/proof-ways").json()
    assert (ways["codes"], ways["password"]) == (True, False)
    proof = {"credential": json.loads(phone.answer(json.dumps(ways["passkey"])))}
    assert amal.post("/sessions/current/proofs", proof).status_code == 204
    assert code_of(amal.post(f"{HERE}/removal", proof)) == (422, "wrong_passkey")

    mine = [one["id"] for one in amal.get(HERE).json()["passkeys"]]
    assert amal.delete(f"{HERE}/passkeys/{mine[0]}").status_code == 204
    assert code_of(amal.delete(f"{HERE}/passkeys/{mine[1]}")) == (409, "last_second_factor")
    assert code_of(amal.delete(f"{HERE}/passkeys/{mine[0]}")) == (404, "not_found")


def test_nobody_sees_or_removes_the_passkeys_of_another(amal, citizen):
    phone, other = SoftwarePasskey(SITE), citizen()
    options = amal.post(f"{HERE}/passkey-options").text
    amal.post(f"{HERE}/passkeys", {"name": "phone", "credential": json.loads(phone.make(options))})
    [mine] = amal.get(HERE).json()["passkeys"]

    assert other.get(HERE).json()["passkeys"] == []
    assert code_of(other.delete(f"{HERE}/passkeys/{mine['id']}")) == (404, "not_found")
    amal.language = "ar"
    refused = amal.post(f"{HERE}/removal", {"code": "000000"}).json()
    assert refused["title"] == "هذا الرمز غير مطابق"
