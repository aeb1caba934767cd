"""What somebody gains who read the code, or who comes by this door because the other one knows them."""

import io
import logging

import pytest

from booking.platform.base import logs
from tests.api.govstack.conftest import ASKER, id_of


@pytest.fixture
def log():
    """What this process writes."""
    stream = io.StringIO()
    logs.configure(stream, logging.DEBUG)
    yield stream
    logs.configure(io.StringIO(), logging.WARNING)


def test_places_held_here_and_by_our_own_api_count_together(system):
    amal = system()
    times = [one for one in amal.events() if not one.endswith(".draw")]
    for event in times[:3]:
        assert amal.call("DELETE", "appointment", appointment_id=id_of(amal.book(event))).status_code == 200
    fourth = {"slot": int(times[3].rpartition(".")[2]), "service": "passport-renewal", "people": [amal.member]}
    answer = amal.client.post(
        "/api/v1/holds", json=fourth, headers={"Authorization": f"Bearer {amal.token}", "Idempotency-Key": "k"}
    )
    assert answer.status_code == 429
    assert amal.book(times[3]).status_code == 429


def test_a_cookie_lets_nobody_in(system):
    amal = system()
    amal.client.cookies.set("mawid", amal.token)
    answer = amal.client.get("/api/govstack/scheduler/appointment/list_details", params=ASKER | {"qry": "{}"})
    assert answer.status_code == 401


def test_a_token_that_somebody_puts_into_the_address_is_refused_and_in_no_log(system, log):
    amal = system()
    refused = amal.call("GET", "appointment/list_details", {}, request_token=amal.token)
    assert refused.status_code == 403
    assert amal.token not in refused.text
    assert "403" in log.getvalue()
    assert amal.token not in log.getvalue()


def test_nobody_acts_as_an_officer_by_this_door(system):
    amal = system()
    for method, path in (("PUT", "/applications/ABCDEFGH0"), ("POST", "/tasks/1/complete")):
        headers = {"Authorization": f"Bearer {amal.token}"}
        assert amal.client.request(method, f"/api/govstack/registration{path}", headers=headers).status_code == 501


def test_a_code_that_no_text_column_holds_is_refused_and_breaks_nothing(system):
    amal = system()
    for path, name, place in (
        ("event/list_details", "event_filter", "host_entity_id"),
        ("resource/availability", "free_resource_filter", "Entity_id"),
    ):
        refused = amal.call("GET", path, {name: {"category": "passport-renewal", place: "\0"}})
        assert (refused.status_code, refused.json()["code"]) == (400, "unusable_call"), path
