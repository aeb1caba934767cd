"""The page that checks draws is sent as it lies there, with the policy that it states itself."""

import re

from fastapi import FastAPI
from starlette.testclient import TestClient

from api.door.headers import SecurityHeaders
from api.pages.public import verify
from tests.standalone.page.assemble import PAGE


def test_the_page_is_sent_as_it_is_with_its_own_policy_and_can_be_kept():
    app = FastAPI()
    app.include_router(verify.router)
    client = TestClient(SecurityHeaders(app, https=True))
    shown, kept = (client.get(path) for path in ("/verify", "/verify/mawid-verify.html"))

    assert shown.content == kept.content == PAGE.read_bytes()
    own = re.findall(r'Content-Security-Policy" content="([^"]*)"', shown.text)
    assert shown.headers["content-security-policy"] == f"{own[0]}; frame-ancestors 'none'"
    assert kept.headers["content-disposition"] == 'attachment; filename="mawid-verify.html"'
    again = client.get("/verify", headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
