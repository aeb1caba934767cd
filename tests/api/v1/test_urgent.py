"""Urgent cases by program: asked, papers sent in parts over a bad network, followed, sent to officers, taken back."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from booking.platform.models.states import Role, UrgentState
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.claim import claim
from tests.booking.desk.plans.conftest import conscript_number
from tests.support.country import a_colleague
from tests.support.urgent_cases import APPROVE, Case, a_photo, send_with_photo, stored

pytestmark = pytest.mark.neighbours

TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def asked(core, citizen):
    """A program whose request has an urgent case without papers."""
    for _ in range(9):  # the gate looks twice at a few honest people too
        amal = citizen()
        answer = amal.ask()
        if answer.json()["state"] == "accepted":
            break
    amal.path = f"/requests/{answer.json()['reference']}/urgent"
    return amal


def wish(core, **changes):
    return {"reason": "medical", "needed_by": (core.today() + timedelta(days=9)).isoformat()} | changes


def send(program, method, path, *, content=None, **headers):
    address = path if path.startswith("/api") else f"/api/v1{path}"
    headers = {"Authorization": f"Bearer {program.token}"} | TUS | headers
    return program.client.request(method, address, headers=headers, content=content)


def part(program, upload, offset, content, **headers):
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"} | headers
    return send(program, "PATCH", upload, content=content, **headers)


def begin(program, length):
    return send(program, "POST", f"{program.path}/uploads", **{"Upload-Length": str(length)})


def code(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["code"]


def test_a_case_is_asked_filled_sent_and_taken_back(core, asked):
    assert code(asked.get(asked.path)) == "not_found"
    assert code(asked.post(asked.path, wish(core, reason="boredom"))) == "invalid_input"
    body = wish(core, words="The flight is on Friday.")
    first = asked.post(asked.path, body, key="one")
    assert (first.status_code, first.json()["state"]) == (201, "draft")
    assert asked.post(asked.path, body, key="one").headers["Idempotent-Replayed"] == "true"
    assert code(asked.post(asked.path, body)) == "urgent_exists"
    assert asked.post(f"{asked.path}/submission").json()["errors"][0]["reason"] == "no_evidence"

    photo = a_photo(size=(800, 600))
    upload = begin(asked, len(photo)).headers["location"]
    for start in range(0, len(photo), 1500):
        assert part(asked, upload, start, photo[start : start + 1500]).status_code == 204
    for _ in range(2):
        filled = asked.post(f"{asked.path}/evidence", {"upload": upload.rpartition("/")[2]})
        assert [one["pages"] for one in filled.json()["evidence"]] == [1]
    paper = filled.json()["evidence"][0]["id"]
    assert asked.delete(f"{asked.path}/evidence/{paper}").status_code == 204
    assert asked.delete(f"{asked.path}/evidence/{paper}").status_code == 404

    again = begin(asked, len(photo)).headers["location"]
    part(asked, again, 0, photo)
    asked.post(f"{asked.path}/evidence", {"upload": again.rpartition("/")[2]})
    assert asked.post(f"{asked.path}/submission").json()["state"] == "submitted"
    assert code(asked.post(f"{asked.path}/submission")) == "illegal_move"
    assert asked.post(f"{asked.path}/withdrawal").json()["state"] == "withdrawn"
    assert stored(core, first.json()["reference"]).state is UrgentState.WITHDRAWN


def test_an_interrupted_upload_can_be_resumed(core, asked, app):
    asked.post(asked.path, wish(core))
    upload = begin(asked, 1000).headers["location"]
    break_off(app, asked, upload, b"x" * 600)
    known = send(asked, "HEAD", upload)
    assert (known.headers["upload-offset"], known.headers["upload-length"]) == ("600", "1000")
    assert known.headers["cache-control"] == "no-store"
    assert code(part(asked, upload, 0, b"x" * 1000)) == "upload_offset"
    assert part(asked, upload, 600, b"x" * 400).headers["upload-offset"] == "1000"
    assert asked.post(f"{asked.path}/evidence", {"upload": upload.rpartition("/")[2]}).json()["errors"] == [
        {"field": "file", "reason": "unknown_file", "detail": "This is not a photo (JPEG, HEIC, PNG, WebP) or a PDF."}
    ]
    assert code(part(asked, upload, 1000, b"")) == "upload_over"


def break_off(app, program, upload, content):
    """Send the beginning of a part, and hang up."""
    headers = {"authorization": f"Bearer {program.token}", "upload-offset": "0", "tus-resumable": "1.0.0"}
    headers |= {"content-type": "application/offset+octet-stream", "content-length": "1000", "host": "localhost:8000"}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "PATCH",
        "scheme": "http",
        "path": upload,
        "raw_path": upload.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 5000),
        "server": ("localhost", 8000),
    }
    messages = iter([{"type": "http.request", "body": content, "more_body": True}])

    async def receive():
        return next(messages, {"type": "http.disconnect"})

    async def ignore(_message):
        pass

    asyncio.run(app(scope, receive, ignore))


def test_violations_of_the_upload_protocol_are_refused_with_reasons(core, asked, citizen):
    asked.post(asked.path, wish(core))
    old = send(asked, "POST", f"{asked.path}/uploads", **{"Upload-Length": "10", "Tus-Resumable": "0.2.2"})
    assert (old.status_code, code(old), old.headers["tus-version"]) == (412, "upload_version", "1.0.0")
    assert begin(asked, 11 * 1024 * 1024).json()["errors"][0]["reason"] == "too_large_file"
    upload = begin(asked, 10).headers["location"]
    assert code(part(asked, upload, 0, b"12345", **{"Content-Type": "application/json"})) == "unsupported_media_type"
    assert part(asked, upload, 0, b"x" * 11).json()["errors"][0]["reason"] == "longer_than_announced"
    assert code(part(asked, upload, 0, b"x" * (10 * 1024 * 1024 + 1))) == "body_too_large"
    assert code(part(citizen(), upload, 0, b"12345")) == "not_found"
    assert code(part(asked, upload.rpartition("/")[0] + f"/{uuid4()}", 0, b"12345")) == "not_found"
    assert code(asked.post(f"{asked.path}/evidence", {"upload": str(uuid4())})) == "not_found"


def test_a_program_sees_which_papers_are_missing_on_the_day(core, citizen):
    karim = citizen(numbers=(conscript_number(core),))
    request = karim.ask().json()["reference"]
    case = karim.post(f"/requests/{request}/urgent", wish(core)).json()
    assert case["missing"] == [], "no day is known yet"
    send_with_photo(core, Case(karim.account_id, request, case["reference"]))
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    claim(core, officer_id=clerk, reference=case["reference"])
    approve(core, officer_id=clerk, reference=case["reference"], going_on="promised by telephone", **APPROVE)

    missing = karim.get(f"/requests/{request}/urgent").json()["missing"]

    assert missing == [{"person": 0, "service": "travel-permission", "held": False}]
