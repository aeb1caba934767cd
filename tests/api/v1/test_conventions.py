"""What holds for every call: who may, in which form, and how it is refused."""

import json

import pytest
from fastapi.testclient import TestClient

PUBLIC = {
    ("POST", "/api/v1/sessions"),
    ("POST", "/api/v1/accounts"),
    ("POST", "/api/v1/accounts/reopening-codes"),
    ("POST", "/api/v1/accounts/reopenings"),
    ("POST", "/api/v1/user-name-reminders"),
    ("POST", "/api/v1/password-resets"),
    ("POST", "/api/v1/user-name-reminders"),
    ("POST", "/api/v1/password-resets/confirmation"),
    ("GET", "/api/v1/webhooks/asyncapi.json"),
    ("GET", "/api/v1/services"),
    ("GET", "/api/v1/services/{code}"),
    ("GET", "/api/v1/services/{code}/form"),
    ("POST", "/api/v1/online/checks"),
    ("GET", "/api/v1/offices"),
    ("GET", "/api/v1/chances"),
    ("GET", "/api/v1/offices/{code}"),
    ("GET", "/api/v1/instant-slots"),
    ("GET", "/api/v1/draws"),
    ("GET", "/api/v1/draws/{reference}"),
    ("GET", "/api/v1/draws/{reference}/files/{name}"),
}
OF_OBSERVERS = {("GET", "/api/v1/observers/draws/{reference}/files/{name}")}
"""Signed call by call, with a key that no session has."""


@pytest.fixture
def calls(site):
    """Every documented call, as (method, path) to its description."""
    document = site.get("/api/v1/openapi.json").json()
    return {
        (method.upper(), path): call for path, methods in document["paths"].items() for method, call in methods.items()
    }


def test_every_call_that_is_not_public_needs_a_token(site: TestClient, calls):
    assert calls.keys() >= PUBLIC | OF_OBSERVERS
    for method, path in calls.keys() - PUBLIC - OF_OBSERVERS:
        ids = dict.fromkeys(("evidence_id", "upload_id", "passkey_id"), "00000000-0000-4000-8000-000000000000")
        filled = path.format(
            reference="ABCDEFGH0", member_id=1, acting_id=2, code="x", name="x", goal="x", paper="x", **ids
        )
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
            answer = site.request(method, filled, headers=headers | {"Idempotency-Key": "k"})
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer")
        assert calls[method, path]["security"], (method, path)


def test_a_cookie_does_not_authenticate_a_call(client: TestClient, citizen):
    client.cookies.set("mawid", citizen().token)
    assert client.get("/api/v1/accounts/me").status_code == 401


def test_creating_calls_need_a_key_and_return_a_location(calls):
    creating = {name for name, call in calls.items() if "201" in call["responses"]}
    creating.remove(("POST", "/api/v1/requests/{reference}/urgent/uploads"))  # tus: an upload that nobody fills ends
    assert len(creating) == 9
    for name in creating:
        key = [p for p in calls[name]["parameters"] if p["name"] == "Idempotency-Key"]
        assert key, name
        assert key[0]["required"]


def test_refusals_are_documented_as_problems(calls):
    for name, call in calls.items():
        for status, response in call["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (name, status)


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/problem+json", 415),
        ("", 415),
        ("application/json", 422),
        ("Application/JSON; charset=utf-8", 422),
    ],
)
def test_bodies_are_declared_as_json(site: TestClient, media_type, status):
    headers = {"content-type": media_type} if media_type else {}
    assert site.post("/api/v1/sessions", content=b"{}", headers=headers).status_code == status


@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff\xfe", b"[" * 20_000, b'{"username": "a" "password"}', b'"\x00"', b"nul", b"{'a': 1}"]
)
def test_malformed_json_is_refused_with_a_problem(site: TestClient, body):
    answer = site.post("/api/v1/sessions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"text"', b'{"username": {}, "password": []}', b"NaN"])
def test_json_of_another_shape_is_refused_with_errors(site: TestClient, body):
    answer = site.post("/api/v1/sessions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_a_body_that_is_too_long_is_refused(site: TestClient):
    body = json.dumps({"username": "a", "password": "b" * 70_000}).encode()
    answer = site.post("/api/v1/sessions", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")

    def pieces():
        for _ in range(70):
            yield b" " * 1024

    answer = site.post("/api/v1/sessions", content=pieces(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_refusals_speak_the_language_that_is_accepted_and_arabic_otherwise(site: TestClient):
    said = {
        language: site.get("/api/v1/accounts/me", headers={"accept-language": language} if language else {})
        for language in ("", "en-GB", "ar-SY", "de")
    }
    assert said["en-GB"].json()["title"] == "Please sign in"
    assert said[""].json()["title"] == said["ar-SY"].json()["title"] == said["de"].json()["title"]
    assert said[""].json()["title"] != "Please sign in"
    assert {answer.json()["code"] for answer in said.values()} == {"not_signed_in"}


def test_other_methods_are_refused_as_problems(site: TestClient):
    answer = site.put("/api/v1/requests", json={})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_unusable_idempotency_keys_are_refused(citizen):
    amal = citizen()
    for key in ("", "x" * 81, "two words", "ключ".encode()):
        answer = amal.client.post(
            "/api/v1/requests",
            json=amal.wish(),
            headers={"Authorization": f"Bearer {amal.token}", "Idempotency-Key": key},
        )
        assert answer.status_code == 422, key
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_the_documentation_comes_from_this_server_alone(site: TestClient):
    page = site.get("/api/v1/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    document = site.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in page.text
    for methods in document["paths"].values():
        for call in methods.values():
            assert f'id="{call["operationId"]}"' in page.text


def test_the_reference_says_when_a_call_ends(site: TestClient):
    document, state = site.get("/api/v1/openapi.json").json(), site.app.state
    document["paths"]["/api/v1/draws"]["get"] |= {
        "deprecated": True,
        "x-sunset": "2027-08-01",
        "x-instead": "/api/v1/d",
    }
    page = state.renderer.render(state.words["en"], "public/api_docs.html", {"document": document})
    assert page.count("from 2027-08-01 on it may be gone") == 1
    assert "Use <code>/api/v1/d</code>" in page
