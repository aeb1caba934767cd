from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.govstack.registration.operations import FOR_ACCOUNTS, FOR_EVERYONE
from api.main import create_app
from booking.platform.models.online.case import OnlineState
from tests.support.online_cases import INSURANCE, stored, valid_answers

pytestmark = pytest.mark.neighbours

AT = "/api/govstack/registration"
IDS = {"serviceId": INSURANCE, "eFormId": INSURANCE, "fileId": "ABCDEFGH0", "taskId": "1"}


def call(system, method, path, body=None, **query):
    headers = {"Authorization": f"Bearer {system.token}", "Accept-Language": "en"}
    return system.client.request(method, f"{AT}{path}", json=body, params=query, headers=headers)


def apply(system, **more):
    return call(system, "POST", f"/services/{INSURANCE}/applications", {"applicantId": str(system.member)} | more)


def test_operations_of_accounts_need_one_and_off_none_exists(system, client):
    amal = system()
    off = replace(amal.core, settings=amal.core.settings.model_copy(update={"govstack": False}))
    with TestClient(create_app(off), base_url="http://localhost:8000") as elsewhere:
        for method, path in FOR_EVERYONE | FOR_ACCOUNTS:
            address = f"{AT}{path.format(**IDS)}"
            if (method, path) in FOR_ACCOUNTS:
                assert client.request(method, address).status_code == 401, path
            token = {"Authorization": f"Bearer {amal.token}"}
            assert elsewhere.request(method, address, headers=token).status_code == 404, path


def test_what_officers_do_is_done_by_no_program(system):
    amal = system()
    for (method, path), answer in FOR_ACCOUNTS.items():
        if isinstance(answer, str):
            refused = call(amal, method, path.format(**IDS))
            assert (refused.status_code, refused.json()["code"]) == (501, "outside_mawid"), path


def test_an_application_is_a_draft_of_its_owner_until_they_send_it(system, core):
    amal, omar = system(), system()
    answers = valid_answers(core, core.pack.service(INSURANCE))
    made = apply(amal, formData={"data": answers, "eFormId": INSURANCE}).json()
    assert made["applicationData"] == {
        "applicantId": str(amal.member),
        "formData": {"data": answers, "eFormId": INSURANCE},
    }
    assert made["status"] == {"code": "PENDING", "title": "draft"}
    assert stored(core, made["fileId"]).state is OnlineState.DRAFT
    assert call(amal, "GET", f"/applications/{made['fileId']}").json() == made
    assert [one["fileId"] for one in call(amal, "GET", "/applications").json()] == [made["fileId"]]
    assert call(omar, "GET", f"/applications/{made['fileId']}").status_code == 404
    assert call(omar, "GET", "/applications").json() == []


@pytest.mark.parametrize(
    ("more", "field", "reason"),
    [
        ({"documentUrls": ["https://files.example/1"]}, "body.documentUrls", "no_word"),
        ({"created": "2026-11-01T06:00:00Z"}, "body.created", "no_word"),
        ({"colour": "green"}, "body.colour", "unknown_field"),
        ({"applicantId": 7}, "body.applicantId", "invalid_value"),
        ({"applicantId": "999999999"}, "person", "unknown_person"),
        ({"formData": {"data": {"months": 13}}}, "months", "above"),
        ({"formData": {"data": {}, "eFormId": "travel-permission"}}, "body.formData.eFormId", "invalid_value"),
    ],
)
def test_what_cannot_be_kept_of_an_application_is_refused_by_name(system, more, field, reason):
    refused = apply(system(), **more)
    assert refused.status_code == 400
    assert (field, reason) in {(one["field"], one["reason"]) for one in refused.json()["errors"]}


def test_a_list_of_applications_is_cut_and_turned_as_asked(system):
    amal = system()
    file = apply(amal).json()["fileId"]
    for query, found in (
        ({"serviceId": INSURANCE, "applicantId": str(amal.member)}, [file]),
        ({"serviceId": "travel-permission"}, []),
        ({"firstResult": 1}, []),
        ({"maxResult": 0}, []),
        ({"sortBy": "created", "sortOrder": "asc", "maxResult": 20}, [file]),
    ):
        assert [one["fileId"] for one in call(amal, "GET", "/applications", **query).json()] == found, query
    for query in ({"sortBy": "priority"}, {"sortOrder": "up"}, {"maxResult": "-1"}, {"page": 2}):
        assert call(amal, "GET", "/applications", **query).status_code == 400, query


def test_a_form_speaks_the_readers_language_and_its_version_is_its_services(system, client):
    [listed] = client.get(f"{AT}/services/{INSURANCE}/eForms").json()
    english, arabic = (
        client.get(f"{AT}/eForms/{INSURANCE}", headers={"accept-language": code}).json() for code in ("en", "ar")
    )
    assert english["schema"]["properties"].keys() == arabic["schema"]["properties"].keys()
    assert english["schema"] != arabic["schema"]
    service = client.get(f"{AT}/services/{INSURANCE}").json()
    assert service["version"] == listed["version"] == english["version"]
    assert client.get(f"{AT}/services/passport-renewal/eForms").json() == []
    assert client.get(f"{AT}/eForms/passport-renewal").status_code == 404
    assert client.get(f"{AT}/services", params={"name": "x" * 121}).status_code == 400
    assert INSURANCE in {one["id"] for one in client.get(f"{AT}/services", params={"name": "car insurance"}).json()}
