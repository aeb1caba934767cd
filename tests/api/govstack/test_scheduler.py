import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.govstack.scheduler import times
from api.govstack.scheduler.operations import OPERATIONS
from api.main import create_app
from booking.country.places import views
from booking.scheduling.requests.views import list_requests, request_view
from tests.api.govstack.conftest import ASKER, id_of
from tests.api.v1.conftest import CHECK_EVERYONE
from tests.support.country import put_rules_in_force

pytestmark = pytest.mark.neighbours

LATE = "2026-12-15T00:00:00Z"
EVERY = [(method, f"{resource}/{rest}".rstrip("/")) for resource, ops in OPERATIONS.items() for method, rest in ops]
OUTSIDE = [
    (method, f"{resource}/{rest}".rstrip("/"))
    for resource, ops in OPERATIONS.items()
    for (method, rest), answer in ops.items()
    if isinstance(answer, str)
]


def test_all_37_operations_are_answered_or_say_why_they_are_not(system):
    amal = system()
    assert len(EVERY) == 37
    for method, path in EVERY:
        answer = amal.call(method, path)
        if (method, path) in OUTSIDE:
            document = answer.json()
            assert (answer.status_code, document["code"]) == (501, "outside_mawid"), path
            assert document["detail"] != "Nothing was changed."
        else:
            assert answer.status_code == 400, (path, answer.text)


def test_nobody_without_a_token_gets_further_than_the_door(client, core):
    for method, path in EVERY:
        answer = client.request(method, f"/api/govstack/scheduler/{path}", params=ASKER)
        assert answer.status_code == 401, path


def test_off_no_operation_exists(system):
    amal = system()
    off = replace(amal.core, settings=amal.core.settings.model_copy(update={"govstack": False}))
    with TestClient(create_app(off), base_url="http://localhost:8000") as client:
        amal.client = client
        assert {amal.call(method, path).status_code for method, path in EVERY} == {404}


@pytest.mark.parametrize(
    ("asker", "status"),
    [
        ({"requestor_id": ""}, 400),
        ({"request_token": ""}, 400),
        ({"requestor_id": "healthngoadmin1"}, 403),
        ({"request_token": "Organizer"}, 403),
    ],
)
def test_the_caller_is_the_tokens_account_and_nobody_else(system, asker, status):
    assert system().call("GET", "appointment/list_details", {}, **asker).status_code == status


def test_a_draw_is_asked_for_and_no_place_is_taken(system):
    amal = system()
    answer = amal.book("passport-renewal.damascus.draw", "passport-renewal.homs.draw")
    assert answer.json().endswith("status:accepted]")
    [line] = list_requests(amal.core, amal.account_id)
    assert (line.reference, line.appointment_reference) == (id_of(answer), None)
    wish = request_view(amal.core, amal.account_id, line.reference)
    assert [office.code for office in wish.offices] == ["damascus", "homs"]
    assert amal.statuses() == {id_of(answer): "accepted"}
    assert amal.call("DELETE", "appointment", appointment_id=id_of(answer)).status_code == 200
    assert amal.statuses() == {id_of(answer): "withdrawn"}


def test_an_instant_place_is_held_then_confirmed_then_given_up(system):
    amal = system()
    event = next(one for one in amal.events() if not one.endswith(".draw"))
    answer = amal.book(event)
    reference = id_of(answer)
    assert answer.json().endswith("status:held]")
    confirmed = amal.call(
        "PUT", "appointment/modifications", {"details": {"status_id": "confirmed"}}, appointment_id=reference
    )
    assert confirmed.status_code == 200
    assert amal.statuses() == {reference: "confirmed"}
    wanted = {"appointment_details_required": {"event_details": True, "participant_id": True}}
    [shown] = amal.call("GET", "appointment/list_details", wanted).json()
    assert shown["details"]["event_details"]["host_entity_id"] == "damascus"
    assert shown["details"]["participant_id"] == str(amal.member)
    assert amal.call("DELETE", "appointment", appointment_id=reference).status_code == 200
    assert amal.statuses() == {reference: "withdrawn"}


def test_a_second_booking_for_one_person_is_refused_as_in_our_own_api(system):
    amal = system()
    amal.book("passport-renewal.damascus.draw")
    again = amal.book("passport-renewal.homs.draw")
    assert (again.status_code, again.json()["code"]) == (409, "already_live")


def test_a_booking_that_is_repeated_with_its_key_is_made_once(system):
    amal = system()
    amal.headers = {"Idempotency-Key": "k1"}
    first, again = (amal.book("passport-renewal.damascus.draw") for _ in range(2))
    assert id_of(first) == id_of(again)
    assert list(amal.statuses()) == [id_of(first)]


@pytest.mark.alone
def test_a_check_of_the_gate_is_not_skipped(system, core):
    put_rules_in_force(core, source=CHECK_EVERYONE)
    amal = system()
    event = next(one for one in amal.events() if not one.endswith(".draw"))
    answer = amal.book(event)
    reference = id_of(answer)
    assert answer.json().endswith("status:challenged]")
    confirm = {"details": {"status_id": "confirmed"}}
    refused = amal.call("PUT", "appointment/modifications", confirm, appointment_id=reference)
    assert (refused.status_code, amal.statuses()) == (409, {reference: "challenged"})


@pytest.mark.alone
def test_nobody_books_for_or_sees_somebody_elses_people_and_appointments(system):
    amal, omar = system(), system()
    theirs = id_of(amal.book("passport-renewal.damascus.draw"))
    assert omar.book("passport-renewal.damascus.draw", participant_id=str(amal.member)).status_code == 400
    assert omar.statuses() == {}
    assert omar.call("DELETE", "appointment", appointment_id=theirs).status_code == 404
    assert omar.call("DELETE", "subscriber", subscriber_id=str(amal.member)).status_code == 404
    assert amal.statuses() == {theirs: "accepted"}


def test_a_time_of_one_office_is_not_booked_under_the_name_of_another(system):
    amal = system()
    time = next(one for one in amal.events() if not one.endswith(".draw")).rpartition(".")[2]
    assert amal.book(f"passport-renewal.homs.{time}").status_code == 404
    assert amal.statuses() == {}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("participant_entity_id", "67890", "no_word"),
        ("colour", "green", "unknown_field"),
        ("exclusive", False, "invalid_value"),
        ("participant_type", "resource", "invalid_value"),
        ("event_ids", [], "invalid_value"),
        ("event_ids", "passport-renewal.damascus.draw", "invalid_value"),
    ],
)
def test_what_mawid_has_no_word_for_is_refused_by_name(system, field, value, reason):
    amal = system()
    answer = amal.book("passport-renewal.damascus.draw", **{field: value})
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["reason"]) == (f"qry.appointment_details.{field}", reason)
    assert amal.statuses() == {}


@pytest.mark.parametrize(
    "qry",
    [
        "",
        "{",
        "[]",
        "null",
        "NaN",
        "[" * 40 + "]" * 40,
        '{"appointment_filter": {}, "appointment_filter": {}}',
        '"\\ud800"',
    ],
)
def test_a_query_that_is_no_object_is_refused(system, qry):
    assert system().call("GET", "appointment/list_details", qry).status_code == 400


def test_parameters_that_a_call_does_not_have_are_refused_by_name(system):
    answer = system().call("GET", "entity/list_details", {}, page="2")
    assert [error["field"] for error in answer.json()["errors"]] == ["page"]
    twice = system().client.get(
        "/api/govstack/scheduler/entity/list_details?requestor_id=me&requestor_id=me&request_token=bearer&qry={}",
        headers={"Authorization": f"Bearer {system().token}"},
    )
    assert twice.status_code == 400


def test_offices_are_entities_with_their_counters_and_hours(system):
    amal = system()
    [office] = amal.call("GET", "entity/list_details", {"entity_filter": {"entity_id": ["homs"]}}).json()
    assert (office["entity_id"], office["details"]["category"]) == ("homs", "branch")
    only = {"entity_details_required": {"name": True, "phone": False}, "entity_filter": {"category": "consulate"}}
    assert {tuple(one["details"]) for one in amal.call("GET", "entity/list_details", only).json()} == {("name",)}
    phone = amal.call("GET", "entity/list_details", {"entity_details_required": {"phone": True}})
    assert phone.json()["errors"][0]["field"] == "qry.entity_details_required.phone"
    [counters] = amal.call("GET", "resource/list_details", {"resource_filter": {"resource_id": ["homs"]}}).json()
    assert counters["details"]["category"] == "counters"
    [hours] = amal.call("GET", "affiliation/list_details", {"affiliation_filter": {"entity_id": "homs"}}).json()
    assert {row["day_of_week"] for row in hours["details"]["work_days_hours"]} >= {"sunday", "monday"}
    assert hours["details"]["resource_category"] == "counters"


def test_free_times_are_those_of_the_instant_places(system):
    amal = system()
    asked = {"free_resource_filter": {"category": "passport-renewal", "Entity_id": "damascus"}}
    [free] = amal.call("GET", "resource/availability", asked).json()
    assert len(free["free_slots"]) == len([one for one in amal.events() if not one.endswith(".draw")])
    first = free["free_slots"][0].strip("[]").partition("to")[2]
    bounded = asked["free_resource_filter"] | {"to": first}
    [less] = amal.call("GET", "resource/availability", {"free_resource_filter": bounded}).json()
    assert len(less["free_slots"]) == 1


def test_more_times_than_an_answer_holds_are_refused_for_a_shorter_period(system, monkeypatch):
    amal = system()
    *_, last = amal.events()
    for module in (views, times):
        monkeypatch.setattr(module, "MOST_SLOTS", 60)
    asked = {"category": "passport-renewal", "host_entity_id": "damascus"}
    refused = amal.call("GET", "event/list_details", {"event_filter": asked})
    assert refused.json()["errors"][0] | {"detail": ""} == {
        "field": "qry.event_filter.to",
        "reason": "too_many",
        "detail": "",
    }
    [shown] = amal.call("GET", "event/list_details", {"event_filter": {"event_id": [last], "from": LATE}}).json()
    assert shown["event_id"] == last
    free = {"free_resource_filter": {"category": "passport-renewal", "Entity_id": "damascus"}}
    assert amal.call("GET", "resource/availability", free).status_code == 400


def test_an_event_says_what_it_is_and_ids_lead_back_to_it(system):
    amal = system()
    ids = amal.events()
    [event] = amal.call("GET", "event/list_details", {"event_filter": {"event_id": [ids[-1]]}}).json()
    assert event["event_id"] == ids[-1]
    assert event["details"]["venue"]["state"]
    assert amal.call("GET", "event/list_details", {"event_filter": {"category": "passport-renewal"}}).status_code == 400
    assert amal.call("GET", "event/list_details", {"event_filter": {"event_id": ["12345"]}}).status_code == 404
    late = {"category": "passport-renewal", "host_entity_id": "damascus", "from": "2018-02-15T09:00:00"}
    assert amal.events(**late) == ids
    assert amal.events(**late | {"to": "2018-02-16T09:00:00"}) == []
    wrong = amal.call("GET", "event/list_details", {"event_filter": late | {"from": "yesterday"}})
    assert wrong.json()["errors"][0]["field"] == "qry.event_filter.from"


def test_people_are_subscribers_and_leave_but_are_not_renamed(system):
    amal = system()
    [person] = amal.call("GET", "subscriber/list_details", {}).json()
    assert person["subscriber_id"] == str(amal.member)
    named = {"subscriber_filter": {"name": person["details"]["name"]}}
    assert amal.call("GET", "subscriber/list_details", named).json()["errors"][0]["reason"] == "no_word"
    assert amal.call("DELETE", "subscriber", subscriber_id=str(amal.member)).status_code == 200
    assert amal.call("GET", "subscriber/list_details", json.dumps({})).json() == []
