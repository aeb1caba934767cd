"""What people may do about their account and data, by programs."""

import io
import zipfile

import pytest
from sqlalchemy import select

from booking.desk.rights.copy import make_copy
from booking.platform.models import Account, AccountCopy
from tests.support.country import PASSWORD, last_secret

pytestmark = pytest.mark.neighbours

PROOF = {"password": PASSWORD}


@pytest.fixture
def name_of(core):
    def read(account_id):
        with core.sessions() as session:
            return session.get_one(Account, account_id).username

    return read


def test_an_account_is_closed_and_opened_again(citizen, core, name_of):
    amal = citizen()
    amal.ask()
    refused = amal.post("/accounts/me/closing", {"password": "not the password"})
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credentials")

    closed = amal.post("/accounts/me/closing", PROOF)
    assert closed.status_code == 200, closed.text
    assert closed.json() == {
        "requests": 1,
        "appointments": 0,
        "online": 0,
        "undecided": 0,
        "consents": 0,
        "clients": 0,
    }
    assert amal.get("/accounts/me").status_code == 401
    owner = {"username": name_of(amal.account_id)} | PROOF
    assert amal.post("/sessions", owner).json()["code"] == "closed_by_owner"

    assert amal.post("/accounts/reopening-codes", owner).status_code == 202
    wrong = amal.post("/accounts/reopenings", owner | {"code": "000000"})
    assert wrong.json()["code"] == "wrong_code"
    code = last_secret(core, amal.account_id, "reopen_account")
    assert amal.post("/accounts/reopenings", owner | {"code": code}).status_code == 204
    assert amal.post("/accounts/reopening-codes", owner).json()["code"] == "not_closed"


def test_a_copy_is_asked_for_and_fetched_once(citizen, core):
    amal = citizen()
    assert amal.get("/accounts/me/copies").json()["code"] == "copy_not_there"
    assert amal.post("/accounts/me/copies", {"password": "no"}).status_code == 401
    assert amal.post("/accounts/me/copies", PROOF).status_code == 202
    assert amal.get("/accounts/me/copies").json()["until"] is None
    assert amal.post("/accounts/me/copies", PROOF).json()["code"] == "copy_waits"
    assert amal.post("/accounts/me/copies/content", PROOF).json()["code"] == "copy_not_there"
    with core.sessions() as session:
        copy_id = session.scalars(select(AccountCopy.id).where(AccountCopy.account_id == amal.account_id)).one()
    make_copy(core, copy_id)
    assert citizen().post("/accounts/me/copies/content", PROOF).status_code == 404

    content = amal.post("/accounts/me/copies/content", PROOF)

    assert content.headers["content-type"] == "application/zip"
    assert "index.html" in zipfile.ZipFile(io.BytesIO(content.content)).namelist()
    assert amal.post("/accounts/me/copies/content", PROOF).json()["code"] == "copy_not_there"


def test_a_name_is_corrected(citizen, core):
    amal = citizen()
    address = f"/household/members/{amal.members[0]}"

    answer = amal.client.patch(
        f"/api/v1{address}",
        json={"name": "ليلى المتخيَّلة", "relation": "self"},
        headers={"Authorization": f"Bearer {amal.token}"},
    )

    assert (answer.status_code, answer.json()["name"]) == (200, "ليلى المتخيَّلة")
    assert amal.get(address).json()["level"] == "claimed"
