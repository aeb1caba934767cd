"""What every answer tells a browser about itself, and how cookies are set."""

from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import Response

from api.pages.shared.rendering import give_cookies, set_known, set_language, set_session
from tests.api.one_call import scope_of
from tests.country import cheap_settings


def test_every_response_carries_the_security_headers(client: TestClient):
    for path in ("/livez", "/nowhere", "/static/mawid.css", "/api/v1/nowhere"):
        headers = client.get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-request-id"]


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
