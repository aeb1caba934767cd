"""What a wallet calls over HTTP, from the offer's address to the credential; and how it is refused."""

import json

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from booking.eservices.credentials.offer import PRE_AUTHORIZED, offer_result
from tests.support.a_wallet import Wallet, read_offer
from tests.support.country import an_origin
from tests.support.online_cases import INSURANCE, with_agency

TOKEN, NONCE, CREDENTIAL = (f"/api/wallets/{name}" for name in ("token", "nonce", "credential"))


@pytest.fixture
def client(country):
    with TestClient(create_app(country), base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture
def offer(country):
    policy = with_agency(country, INSURANCE, months=1)
    asked = {"account_id": policy.account, "reference": policy.reference}
    return offer_result(country, **asked, whole=True, origin=an_origin())


def the_form(offer, **changed):
    form = {
        "grant_type": PRE_AUTHORIZED,
        "pre-authorized_code": read_offer(offer.address)[1],
        "tx_code": offer.transaction_code,
    }
    return {name: value for name, value in (form | changed).items() if value is not None}


def is_refused(answer, error, status=400):
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error_description"].isascii()
    return True


def test_a_wallet_finds_its_way_from_the_offer_to_the_credential(country, client, offer):
    base = country.settings.base_url
    issuer = client.get("/.well-known/openid-credential-issuer")
    assert (issuer.json()["credential_issuer"], issuer.headers["access-control-allow-origin"]) == (base, "*")
    kind, _ = read_offer(offer.address)
    said = issuer.json()["credential_configurations_supported"][kind]
    assert (said["format"], said["vct"]) == ("dc+sd-jwt", f"{base}/credentials/types/{kind}")
    assert client.get(said["vct"].removeprefix(base)).json()["vct"] == said["vct"]
    assert {one["path"][0] for one in said["credential_metadata"]["claims"]} > {"holder", "number"}
    tokens = client.get("/.well-known/oauth-authorization-server").json()
    assert tokens["pre-authorized_grant_anonymous_access_supported"] is True

    given = client.post(tokens["token_endpoint"].removeprefix(base), data=the_form(offer))
    assert (given.json()["token_type"], given.headers["cache-control"]) == ("Bearer", "no-store")
    value = client.post(issuer.json()["nonce_endpoint"].removeprefix(base))
    assert value.headers["cache-control"] == "no-store"
    wallet = Wallet()
    asked = {
        "credential_configuration_id": kind,
        "proofs": {"jwt": [wallet.proof(country, nonce=value.json()["c_nonce"])]},
        "what a later version says": {},
    }
    bearer = {"Authorization": f"Bearer {given.json()['access_token']}"}
    answer = client.post(issuer.json()["credential_endpoint"].removeprefix(base), json=asked, headers=bearer)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    [credential] = answer.json()["credentials"]
    assert credential["credential"].endswith("~")
    assert is_refused(client.post(TOKEN, data=the_form(offer)), "invalid_grant")
    assert is_refused(client.post(CREDENTIAL, json=asked, headers=bearer), "invalid_token", 401)


def test_a_token_is_refused_in_the_words_of_oauth(client, offer):
    for changed, error in (
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"tx_code": None}, "invalid_request"),
        ({"pre-authorized_code": None}, "invalid_request"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"tx_code": "no number"}, "invalid_grant"),
        ({"pre-authorized_code": "x\0y"}, "invalid_grant"),
    ):
        assert is_refused(client.post(TOKEN, data=the_form(offer, **changed)), error), changed
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    twice = client.post(TOKEN, content=f"grant_type={PRE_AUTHORIZED}&tx_code=1&tx_code=2", headers=form)
    assert is_refused(twice, "invalid_request")
    assert client.post(TOKEN, json=the_form(offer)).status_code == 415
    assert client.post(TOKEN, content="a=1&" * 400, headers=form).status_code == 400
    assert client.post(TOKEN, content="a" * 9_000, headers=form).status_code == 413
    assert client.post(TOKEN, data=the_form(offer)).status_code == 200, "two tries were taken, no more"


def test_a_credential_is_refused_in_the_words_of_the_standard(country, client, offer):
    token = client.post(TOKEN, data=the_form(offer)).json()["access_token"]
    bearer, proof = {"Authorization": f"Bearer {token}"}, {"jwt": [Wallet().proof(country)]}
    right = {"credential_configuration_id": INSURANCE, "proofs": proof}
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {token}"},
        {"Authorization": "Bearer x"},
    ):
        answer = client.post(CREDENTIAL, json=right, headers=headers)
        assert is_refused(answer, "invalid_token", 401)
        assert answer.headers["www-authenticate"].startswith("Bearer ")
    none = Wallet().proof(country, nonce="none of ours")
    for changed, error in (
        ({"credential_configuration_id": None}, "invalid_credential_request"),
        ({"credential_configuration_id": ["x"]}, "invalid_credential_request"),
        ({"credential_configuration_id": "passport"}, "unknown_credential_configuration"),
        ({"credential_identifier": "one"}, "unknown_credential_identifier"),
        ({"proofs": None}, "invalid_proof"),
        ({"proofs": {"jwt": []}}, "invalid_proof"),
        ({"proofs": {"jwt": "x"}}, "invalid_proof"),
        ({"proofs": {"jwt": [{}]}}, "invalid_proof"),
        ({"proofs": {"di_vp": [{}]}}, "invalid_proof"),
        ({"proofs": {**proof, "attestation": ["x"]}}, "invalid_proof"),
        ({"proofs": {"jwt": ["x"]}}, "invalid_proof"),
        ({"proofs": {"jwt": [none]}}, "invalid_nonce"),
    ):
        assert is_refused(client.post(CREDENTIAL, json=right | changed, headers=bearer), error), changed
    assert is_refused(client.post(CREDENTIAL, json=[], headers=bearer), "invalid_credential_request")
    deep = client.post(
        CREDENTIAL, content=b'{"proofs":' + b"[" * 99, headers=bearer | {"Content-Type": "application/json"}
    )
    assert deep.status_code in {400, 422}
    assert json.loads(client.post(CREDENTIAL, json=right, headers=bearer).text)["credentials"]


def test_a_session_fetches_no_credential_and_a_token_opens_no_session(client, offer):
    token = client.post(TOKEN, data=the_form(offer)).json()["access_token"]
    assert client.get("/api/v1/account", headers={"Authorization": f"Bearer {token}"}).status_code in {401, 404}
    assert client.get("/api/v1/requests", headers={"Authorization": f"Bearer {token}"}).status_code == 401
