"""What every answer tells a browser about itself, and how cookies are set."""

from fastapi.testclient import TestClient
from starlette.responses import Response

from api.pages.shared.rendering import set_language, set_session
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
    set_language(response, settings, "ar")

    session, language = response.headers.getlist("set-cookie")
    assert session == "__Host-mawid=token; HttpOnly; Path=/; SameSite=lax; Secure"
    assert {"HttpOnly", "SameSite=lax", "Secure"} <= set(language.split("; "))
