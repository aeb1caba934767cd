"""What every answer tells a browser about itself, and how cookies are set."""

from dataclasses import replace
from ipaddress import ip_network

from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import Response

from api.main import create_app
from api.pages.shared.rendering import give_cookies, set_known, set_language, set_session
from tests.api.one_call import scope_of
from tests.support.country import cheap_settings


def test_every_response_carries_the_security_headers(client: TestClient):
    for path in ("/livez", "/nowhere", "/static/mawid.css", "/api/v1/nowhere"):
        headers = client.get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-request-id"]


def test_only_a_page_leads_from_http_to_https_and_a_call_is_refused(core):
    settings = core.settings.model_copy(
        update={"base_url": "https://mawid.example", "trusted_proxies": (ip_network("10.0.0.0/8"),)}
    )
    app, by_http = create_app(replace(core, settings=settings)), {"x-forwarded-proto": "http"}
    behind = TestClient(app, base_url="http://mawid.example", follow_redirects=False, client=("10.0.0.1", 1))
    page = behind.get("/how?x=1", headers={"host": "evil.example", **by_http})
    call = behind.get("/api/v1/draws", headers=by_http)
    form = behind.post("/sign-in", data={"username": "amal"}, headers=by_http)
    direct = TestClient(app, base_url="http://mawid.example", client=("203.0.113.7", 1))

    assert (page.status_code, page.headers["location"]) == (308, "https://mawid.example/how?x=1")
    assert (call.status_code, call.json()["code"], "location" in call.headers) == (403, "insecure", False)
    assert form.status_code == 403
    assert behind.get("/how", headers={"x-forwarded-proto": "https"}).status_code == 200
    assert behind.get("/livez").status_code == 200, "a probe from inside"
    assert direct.get("/how", headers=by_http).status_code == 200, "made up"


def test_cookies_are_hidden_from_scripts_and_from_requests_of_other_sites():
    response, settings = Response(), cheap_settings(base_url="https://mawid.example")
    set_session(response, settings, "token")
    set_known(response, settings, "known")
    set_language(response, settings, "ar")
    give_cookies(Request(scope_of("GET", "/", {})), response, settings)

    session, *others = response.headers.getlist("set-cookie")
    assert session == "__Host-mawid=token; HttpOnly; Path=/; SameSite=lax; Secure"
    for name, cookie in zip(("known", "language", "device"), others, strict=True):
        assert cookie.startswith(f"__Host-mawid_{name}=")
        assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} < set(cookie.split("; "))
        assert "Domain" not in cookie
